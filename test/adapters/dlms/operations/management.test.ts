import assert from "node:assert/strict";
import { asDlmsDevice, type CommunicationMethod, type DlmsDevice } from "../../../../src/adapters/dlms/device.ts";
import { cosem } from "../../../../src/dlms/data.ts";
import { dateTimeFromEpochMs, encodeDateTime } from "../../../../src/dlms/date-time.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import type { EventLog } from "../../../../src/operations/events.ts";
import { NOW_MS, type Refusal, type Running, refuseGet, startMeter } from "./running.ts";

const HOUR_MS = 3_600_000;
const query = (log: EventLog, fromMs = 0, untilMs = NOW_MS) => ({ log, fromMs, untilMs });
const event = (timeMs: number, code: number) =>
  cosem.structure([
    cosem.octetString(encodeDateTime(dateTimeFromEpochMs(timeMs, "Europe/Amsterdam"))),
    cosem.unsigned(code),
  ]);

describe("management operations on a meter", () => {
  let meter: Running;
  const start = async (protocol: string, refusal?: Refusal) => {
    meter = await startMeter(protocol, refusal, { address: { withListMax: 32 } });
  };
  afterEach(() => meter.close());
  const codes = async (...queries: readonly ReturnType<typeof query>[]) => {
    const result = await meter.run("FindEvents", { queries });
    return typeof result === "string" ? result : result.events.map(({ log, code }) => `${log} ${code}`);
  };
  const write = (log: string, data: Parameters<Running["meter"]["write"]>[3]) =>
    meter.meter.write(7, parseObis(log), 2, data);

  it("FindEvents asks for the time that is wanted, and leaves out what a meter sends beyond it", async () => {
    const all = cosem.array([1, 2, 3, 4].map((code) => event(NOW_MS - (5 - code) * HOUR_MS, code)));
    const sendsAll: Refusal = (request) =>
      request.type === "get" && request.attributes[0]!.classId === 7
        ? { type: "get", results: [{ data: all }] }
        : undefined;
    await start("SMR 5.1", sendsAll);
    const range = query("STANDARD_EVENT_LOG", NOW_MS - 3 * HOUR_MS, NOW_MS - 2 * HOUR_MS);
    assert.deepEqual(await codes(range), ["STANDARD_EVENT_LOG 2", "STANDARD_EVENT_LOG 3"]);
    const [request] = meter.served.requests;
    assert.equal(request?.type === "get" && request.attributes[0]?.access?.selector, 1);
  });

  it("FindEvents finds what the meter logged by itself, to the end of the time", async () => {
    await start("SMR 5.1");
    meter.meter.invoke({ classId: 7, logicalName: parseObis("0.0.99.98.1.255"), method: 1 }, cosem.integer(0), "all");
    assert.deepEqual(await codes(query("FRAUD_DETECTION_LOG")), ["FRAUD_DETECTION_LOG 255"]);
    assert.deepEqual(await codes(query("FRAUD_DETECTION_LOG", 0, NOW_MS - 1)), []);
  });

  for (const [how, context] of [
    ["says so when it associates", { conformance: ["get", "action", "block-transfer-with-get-or-read"] as const }],
    ["refuses it", undefined],
  ] as const) {
    it(`FindEvents reads the whole log of a meter that cannot select, and ${how}`, async () => {
      const refuses: Refusal = (request) =>
        request.type === "get" && request.attributes[0]?.access
          ? { type: "get", results: [{ error: "scope-of-access-violated" }] }
          : undefined;
      meter = await startMeter("SMR 5.1", context ? undefined : refuses, {}, context);
      const entries = [1, 2, 3].map((code) => event(NOW_MS - (4 - code) * HOUR_MS, code));
      write("0.0.99.98.0.255", cosem.array(entries));
      assert.deepEqual(await codes(query("STANDARD_EVENT_LOG", NOW_MS - 2 * HOUR_MS)), [
        "STANDARD_EVENT_LOG 2",
        "STANDARD_EVENT_LOG 3",
      ]);
    });
  }

  it("FindEvents takes an empty log for one, also when it is null-data", async () => {
    const empty: Refusal = (request) =>
      request.type === "get" && request.attributes[0]!.logicalName === "0.0.99.98.0.255"
        ? { type: "get", results: [{ data: { type: "null-data" } }] }
        : undefined;
    await start("DSMR 2.2", empty);
    write("0.0.99.98.3.255", cosem.array([]));
    assert.deepEqual(await codes(query("STANDARD_EVENT_LOG"), query("M_BUS_EVENT_LOG")), []);
  });

  it("FindEvents asks nothing of a meter when one of the logs is not of its version", async () => {
    await start("DSMR 4.2.2");
    assert.equal(
      await codes(query("STANDARD_EVENT_LOG"), query("POWER_QUALITY_EVENT_LOG")),
      "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL: No address found for POWER_QUALITY_EVENT_LOG in protocol DSMR 4.2.2",
    );
    assert.equal(meter.served.connections, 0);
  });

  it("FindEvents tells a log that the meter does not show, and entries that are none", async () => {
    await start("SMR 5.1", refuseGet("7/0.0.99.98.6.255/2"));
    assert.match(String(await codes(query("AUXILIARY_EVENT_LOG"))), /^ERROR_RETRIEVING_ATTRIBUTE_VALUE/);
    write("0.0.99.98.0.255", cosem.array([cosem.structure([cosem.octetString(new Uint8Array(12))])]));
    assert.match(String(await codes(query("STANDARD_EVENT_LOG"))), /^ILLEGAL_RESPONSE/);
  });

  it("GetGsmDiagnostic tells of the modem that the meter has, and when that was", async () => {
    const noLte: Refusal = (request) =>
      request.type === "get" && request.attributes.some(({ logicalName }) => logicalName === "0.2.25.6.0.255")
        ? { type: "get", results: request.attributes.map(() => ({ error: "object-undefined" as const })) }
        : undefined;
    await start("SMR 5.2", noLte);
    meter.meter.clockOffsetMs = -HOUR_MS;
    const result = await meter.run("GetGsmDiagnostic", {});
    assert.ok(typeof result !== "string", String(result));
    assert.deepEqual([result.packetSwitched, result.cell.signalDbm], ["GPRS", -87]);
    assert.deepEqual(result.adjacentCells, [
      { cellId: 93, signalDbm: -91 },
      { cellId: 94, signalDbm: -97 },
    ]);
    assert.equal(result.captureTimeMs, NOW_MS - HOUR_MS);
  });

  it("GetGsmDiagnostic asks the modem that the record names, and nothing of a meter whose version has none of the kind", async () => {
    await start("SMR 5.2");
    const over = (communicationMethod: CommunicationMethod): DlmsDevice => ({
      ...asDlmsDevice(meter.device),
      communicationMethod,
    });
    const result = await meter.run("GetGsmDiagnostic", {}, { device: over("CDMA") });
    assert.ok(typeof result !== "string", String(result));
    assert.deepEqual([result.operator, result.packetSwitched], ["Utility Connect", "CDMA"]);
    assert.ok(meter.asked.every((reference) => /^get 47\/0\.1\.25/.test(reference)));
    await meter.close();
    await start("SMR 5.1");
    assert.equal(
      await meter.run("GetGsmDiagnostic", {}, { device: over("LTE") }),
      "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL: Cannot find LTE_DIAGNOSTIC for communication method LTE",
    );
    assert.equal(meter.served.connections, 0);
  });

  it("GetGsmDiagnostic gives the time of reading for a meter that does not tell one", async () => {
    await start("SMR 4.3", refuseGet("47/0.1.25.6.0.255/8"));
    const result = await meter.run("GetGsmDiagnostic", {});
    assert.ok(typeof result !== "string", String(result));
    assert.deepEqual([result.operator, result.captureTimeMs], ["Utility Connect", NOW_MS]);
  });

  it("ClearMBusStatusOnAllChannels says which channel could not be cleared, and touches none behind it", async () => {
    const refuses: Refusal = (request) =>
      request.type === "set" && request.attributes[0]!.logicalName === "0.2.94.31.10.255"
        ? { type: "set", results: ["temporary-failure"] }
        : undefined;
    await start("SMR 5.1", refuses);
    for (const channel of [1, 2, 3]) {
      meter.meter.write(4, parseObis(`0.${channel}.24.2.6.255`), 2, cosem.doubleLongUnsigned(channel));
    }
    assert.equal(
      await meter.run("ClearMBusStatusOnAllChannels", {}),
      "DEVICE_REFUSED: Unable to clear the M-Bus status of channel 2: TEMPORARY_FAILURE",
    );
    assert.deepEqual(
      [1, 2, 3].map((channel) => meter.value(4, `0.${channel}.24.2.6.255`, 2)),
      [0, 2, 3].map((value) => cosem.doubleLongUnsigned(value)),
    );
  });

  it("GetOutages tells when each ended and how long it was", async () => {
    await start("DSMR 2.2");
    const failure = (endMs: number, seconds: number) =>
      cosem.structure([
        cosem.octetString(encodeDateTime(dateTimeFromEpochMs(endMs, "UTC"))),
        cosem.doubleLongUnsigned(seconds),
      ]);
    write("1.0.99.97.0.255", cosem.array([failure(NOW_MS - HOUR_MS, 310), failure(NOW_MS, 7205)]));
    assert.deepEqual(await meter.run("GetOutages", {}), {
      outages: [
        { endMs: NOW_MS - HOUR_MS, durationSeconds: 310 },
        { endMs: NOW_MS, durationSeconds: 7205 },
      ],
    });
  });
});
