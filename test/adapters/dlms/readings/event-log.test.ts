import assert from "node:assert/strict";
import { eventTypeOf } from "../../../../src/adapters/dlms/readings/event-codes.ts";
import { EVENT_LOGS, type EventLog, EventLogReader } from "../../../../src/adapters/dlms/readings/event-log.ts";
import { SIMPLE_TYPES } from "../../../../src/contract/generated/tables.ts";
import { type CosemData, cosem } from "../../../../src/dlms/data.ts";
import { dateTimeFromEpochMs, encodeDateTime } from "../../../../src/dlms/date-time.ts";

const ZONE = "Europe/Amsterdam";
const AT = Date.parse("2026-10-25T00:30:00Z");
const time = (epochMs = AT) => cosem.octetString(encodeDateTime(dateTimeFromEpochMs(epochMs, ZONE)));
const SMR_5_2 = { name: "SMR", version: "5.2" };

function read(log: EventLog, ...entries: CosemData[][]) {
  const reader = new EventLogReader(log, SMR_5_2, ZONE);
  return entries.map((entry) => {
    const { time: at, ...event } = reader.add(cosem.structure(entry)) ?? {};
    return at && [new Date(at.epochMs).toISOString(), event];
  });
}

describe("the codes of events", () => {
  it("reach every type of the contract, and no other", () => {
    const reached = new Set(
      ["DSMR", "SMR"].flatMap((name) => Array.from({ length: 0x1_0000 }, (_, i) => eventTypeOf(i, name))),
    );
    assert.deepEqual([...reached].sort(), [...SIMPLE_TYPES["sm-management:EventType"]!.enumeration!].sort());
  });

  it("are those of the companion standards", () => {
    for (const [code, type] of [
      [1, "POWER_FAILURE"],
      [8, "BATTERY_VOLTAGE_LOW"],
      [9, "TARIFF_ACTIVATED"],
      [16, "HARDWARE_ERROR_MEASUREMENT_SYSTEM"],
      [20, "SUCCESSFUL_SELFCHECK_AFTER_FIRMWARE_UPDATE"],
      [25, "LAST_GASP_TEST"],
      [26, "UNKNOWN_EVENT_HEADEND"],
      [40, "TERMINAL_COVER_REMOVED"],
      [46, "FAILED_LOGIN_ATTEMPT"],
      [49, "MODULE_COVER_CLOSED"],
      [50, "UNKNOWN_EVENT_HEADEND"],
      [59, "THD_LONG_OVER_LIMIT_L3"],
      [79, "UNDER_VOLTAGE_L3"],
      [89, "PHASE_OUTAGE_TEST"],
      [99, "LAST_GASP"],
      [100, "COMMUNICATION_ERROR_M_BUS_CHANNEL_1"],
      [107, "DEAD_BATTERY_ERROR_M_BUS_DEVICE_CHANNEL_1"],
      [108, "UNKNOWN_EVENT_HEADEND"],
      [133, "FRAUD_ATTEMPT_M_BUS_CHANNEL_4"],
      [230, "MANUFACTURER_SPECIFIC_230"],
      [249, "MANUFACTURER_SPECIFIC_249"],
      [255, "EVENTLOG_CLEARED"],
      [0x1107, "MBUS_FW_UPGRADE_INVALID_FIRMWARE_FOR_THIS_DEVICE_CHANNEL_2"],
      [0x8080, "MBUS_STATUS_BIT_0_BATTERY_LOW_CHANNEL_1"],
      [0x839f, "MBUS_STATUS_BIT_31_MANUFACTURER_SPECIFIC_CHANNEL_4"],
      [0x82a1, "KEY_ACKNOWLEDGED_BY_MBUS_DEVICE_ON_CHANNEL_3"],
      [0xffff, "AUXILIARY_EVENTLOG_CLEARED"],
    ] as const) {
      assert.equal(eventTypeOf(code, "SMR"), type, String(code));
    }
  });

  it("from 80 to 85 mean one thing in DSMR and another in SMR", () => {
    const types = (name: string) => [80, 82, 83, 85].map((code) => eventTypeOf(code, name));
    assert.deepEqual(types("DSMR"), [
      "PV_VOLTAGE_SAG_L1",
      "PV_VOLTAGE_SAG_L3",
      "PV_VOLTAGE_SWELL_L1",
      "PV_VOLTAGE_SWELL_L3",
    ]);
    assert.deepEqual(types("SMR"), ["OVER_VOLTAGE_L1", "OVER_VOLTAGE_L3", "VOLTAGE_L1_NORMAL", "VOLTAGE_L3_NORMAL"]);
  });
});

describe("an event log", () => {
  it("is known by every category of the contract", () => {
    assert.deepEqual([...EVENT_LOGS].sort(), [...SIMPLE_TYPES["sm-management:EventLogCategory"]!.enumeration!].sort());
  });

  it("tells time and code of its events in the order of the buffer, a code that is not known too", () => {
    const later = AT + 3_600_000;
    assert.deepEqual(
      read(
        "STANDARD_EVENT_LOG",
        [time(later), cosem.unsigned(5)],
        [time(), cosem.unsigned(4)],
        [time(), cosem.unsigned(200)],
      ),
      [
        ["2026-10-25T01:30:00.000Z", { code: 5, type: "CLOCK_ADJUSTED_NEW_TIME", details: [] }],
        ["2026-10-25T00:30:00.000Z", { code: 4, type: "CLOCK_ADJUSTED_OLD_TIME", details: [] }],
        ["2026-10-25T00:30:00.000Z", { code: 200, type: "UNKNOWN_EVENT_HEADEND", details: [] }],
      ],
    );
  });

  it("gives an event whose time is left out that of the event before", () => {
    assert.deepEqual(
      read(
        "FRAUD_DETECTION_LOG",
        [cosem.nullData(), cosem.unsigned(40)],
        [time(), cosem.unsigned(40)],
        [cosem.nullData(), cosem.nullData()],
      ),
      [
        undefined,
        ["2026-10-25T00:30:00.000Z", { code: 40, type: "TERMINAL_COVER_REMOVED", details: [] }],
        ["2026-10-25T00:30:00.000Z", { code: 40, type: "TERMINAL_COVER_REMOVED", details: [] }],
      ],
    );
  });

  it("tells the counter of sessions, magnitude and duration of sags and swells, and the harmonic distortion", () => {
    const [[, session] = []] = read("COMMUNICATION_SESSION_LOG", [
      time(),
      cosem.unsigned(73),
      cosem.longUnsigned(65_535),
    ]);
    assert.deepEqual(session, { code: 73, type: "RETRIEVE_METER_READINGS_E", counter: 65_535, details: [] });
    const extended = [time(), cosem.unsigned(93), cosem.longUnsigned(11), cosem.longUnsigned(21)];
    const [[, sag] = []] = read("POWER_QUALITY_EXTENDED_EVENT_LOG", extended);
    assert.deepEqual(sag, {
      code: 93,
      type: "VOLTAGE_SAG_IN_PHASE_L1",
      details: [
        { name: "magnitude", value: "1.1 V" },
        { name: "duration", value: "2.1 s" },
      ],
    });
    const [[, thd] = []] = read("POWER_QUALITY_THD_EVENT_LOG", [time(), cosem.unsigned(52), cosem.longUnsigned(12)]);
    assert.deepEqual(thd, { code: 52, type: "THD_OVER_LIMIT_L2", details: [{ name: "magnitude", value: "12 %" }] });
  });

  it("has no details of an event that has none, as when it was cleared", () => {
    const zero = cosem.longUnsigned(0);
    const cleared = { code: 255, type: "EVENTLOG_CLEARED", details: [] };
    assert.deepEqual(
      read("POWER_QUALITY_EXTENDED_EVENT_LOG", [time(), cosem.unsigned(255), zero, zero])[0]?.[1],
      cleared,
    );
    assert.deepEqual(read("POWER_QUALITY_THD_EVENT_LOG", [time(), cosem.unsigned(255), zero])[0]?.[1], cleared);
  });

  it("refuses an entry that has more or less than the entries of this log, and a code that is no number", () => {
    const refuses = (log: EventLog, ...entry: CosemData[]) =>
      assert.throws(() => read(log, entry), { code: "remote/unexpected-type" });
    refuses("STANDARD_EVENT_LOG", time(), cosem.unsigned(1), cosem.unsigned(1));
    refuses("COMMUNICATION_SESSION_LOG", time(), cosem.unsigned(1));
    refuses("POWER_QUALITY_EXTENDED_EVENT_LOG", time(), cosem.unsigned(93), cosem.longUnsigned(1));
    refuses("STANDARD_EVENT_LOG", time(), cosem.octetString(Uint8Array.of(1)));
    refuses("STANDARD_EVENT_LOG", time(), cosem.nullData());
  });
});
