import assert from "node:assert/strict";
import { asElements, asNumber, asOctets, cosem } from "../../../src/dlms/data.ts";
import { dateTimeToEpochMs, decodeDateTime, encodeDateTime } from "../../../src/dlms/date-time.ts";
import { all, type Cell, type MatrixCase, management } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

/** The logs with group F of their logical names and the version, as an index of the columns, that has each first. */
const LOGS = [
  { name: "STANDARD_EVENT_LOG", e: 0, since: ["DSMR 2.2", "DSMR 4.2.2", "SMR 4.3", "SMR 5.0.0", "SMR 5.1"] },
  { name: "FRAUD_DETECTION_LOG", e: 1, since: ["DSMR 2.2", "DSMR 4.2.2", "SMR 4.3", "SMR 5.0.0", "SMR 5.1"] },
  { name: "M_BUS_EVENT_LOG", e: 3, since: ["DSMR 2.2", "DSMR 4.2.2", "SMR 4.3", "SMR 5.0.0", "SMR 5.1"] },
  { name: "COMMUNICATION_SESSION_LOG", e: 4, since: ["DSMR 4.2.2", "SMR 4.3", "SMR 5.0.0", "SMR 5.1"] },
  { name: "POWER_QUALITY_EVENT_LOG", e: 5, since: ["SMR 5.0.0", "SMR 5.1"] },
  { name: "AUXILIARY_EVENT_LOG", e: 6, since: ["SMR 5.1"] },
  { name: "POWER_QUALITY_EXTENDED_EVENT_LOG", e: 7, since: [] },
  { name: "POWER_QUALITY_THD_EVENT_LOG", e: 8, since: [] },
] as const;
const logsOf = ({ version }: Cell) => LOGS.filter(({ since }) => ["SMR 5.2", "SMR 5.5", ...since].includes(version));

const query = (log: string, from = "2000-01-01T00:00:00Z", until = "2099-12-31T00:00:00Z") =>
  `<m:FindEventsRequestData><m:EventLogCategory>${log}</m:EventLogCategory><m:From>${from}</m:From>` +
  `<m:Until>${until}</m:Until></m:FindEventsRequestData>`;

/** 14:30:05 in winter, in Amsterdam. */
const AT_MS = Date.UTC(2026, 0, 9, 13, 30, 5);
const entry = (code: number) =>
  cosem.structure([
    cosem.octetString(
      encodeDateTime({
        ...{ year: 2026, month: 1, day: 9, dayOfWeek: 5, hour: 14, minute: 30, second: 5, hundredths: 0 },
        ...{ deviationMinutes: -60, clockStatus: 0 },
      }),
    ),
    cosem.unsigned(code),
  ]);

/** Times and codes of all logs of the meter as it holds them, log by log. */
function heldBy(cell: Cell): [time: string, code: string][] {
  return logsOf(cell).flatMap(({ e }) =>
    asElements(cell.data(`7/0.0.99.98.${e}.255/2`)).map((row): [string, string] => {
      const [time, code] = asElements(row);
      const timeMs = dateTimeToEpochMs(decodeDateTime(asOctets(time!)))!;
      return [new Date(timeMs).toISOString(), String(asNumber(code!))];
    }),
  );
}

const matrix: MatrixCase = {
  document: (cell) =>
    management(
      "FindEvents",
      cell.device,
      logsOf(cell)
        .map(({ name }) => query(name))
        .join(""),
    ),
  // A code that no standard has; two that differ between DSMR and SMR; and a log without entries.
  arrange: (cell) => {
    cell.write("7/0.0.99.98.1.255/2", cosem.array([entry(200), entry(80), entry(1)]));
    cell.write("7/0.0.99.98.3.255/2", cosem.array([]));
  },
  check: (answer, cell) => {
    const held = heldBy(cell);
    assert.ok(held.length > 100);
    const times = all(answer, "timestamp");
    assert.deepEqual(
      all(answer, "eventCode").map((code, i) => [times[i], code]),
      held,
    );
    const categories = all(answer, "EventLogCategory");
    assert.equal(categories.includes("M_BUS_EVENT_LOG"), false);
    const types = all(answer, "eventType");
    const inFraudLog = types.filter((_, i) => categories[i] === "FRAUD_DETECTION_LOG");
    const eighty = cell.version.startsWith("DSMR") ? "PV_VOLTAGE_SAG_L1" : "OVER_VOLTAGE_L1";
    assert.deepEqual(inFraudLog, ["UNKNOWN_EVENT_HEADEND", eighty, "POWER_FAILURE"]);
    assert.equal(times[categories.indexOf("FRAUD_DETECTION_LOG")], new Date(AT_MS).toISOString());
    const sessions = categories.filter((log) => log === "COMMUNICATION_SESSION_LOG").length;
    assert.equal(all(answer, "eventCounter").length, sessions);
    const details = all(answer, "value");
    const expected = categories.filter((log) => /EXTENDED/.test(log)).length * 2;
    assert.equal(details.length, expected + categories.filter((log) => /THD/.test(log)).length);
    for (const detail of details) assert.match(detail, /^\d+(\.\d)? (V|s|%)$/);
  },
};

const FROM = "2026-01-01T00:00:00Z";
const UNTIL = "2026-02-01T00:00:00+01:00";

export const testCase: TestCase = {
  wire: {
    operation: "FindEvents",
    service: "m",
    content: query("POWER_QUALITY_EXTENDED_EVENT_LOG", FROM, UNTIL).replaceAll("m:", "$:"),
    request: {
      queries: [
        {
          log: "POWER_QUALITY_EXTENDED_EVENT_LOG",
          fromMs: Date.UTC(2026, 0, 1),
          untilMs: Date.UTC(2026, 0, 31, 23),
        },
      ],
    },
    result: {
      events: [
        {
          timeMs: AT_MS,
          code: 93,
          type: "VOLTAGE_SAG_IN_PHASE_L1",
          log: "POWER_QUALITY_EXTENDED_EVENT_LOG",
          details: [
            { name: "magnitude", value: "207.0 V" },
            { name: "duration", value: "5.0 s" },
          ],
        },
        { timeMs: AT_MS, code: 200, type: "UNKNOWN_EVENT_HEADEND", log: "STANDARD_EVENT_LOG", counter: 7, details: [] },
      ],
    },
    response:
      "<Events><timestamp>2026-01-09T13:30:05.000Z</timestamp><eventCode>93</eventCode>" +
      "<eventType>VOLTAGE_SAG_IN_PHASE_L1</eventType><EventLogCategory>POWER_QUALITY_EXTENDED_EVENT_LOG</EventLogCategory>" +
      "<eventDetails><name>magnitude</name><value>207.0 V</value></eventDetails>" +
      "<eventDetails><name>duration</name><value>5.0 s</value></eventDetails></Events>" +
      "<Events><timestamp>2026-01-09T13:30:05.000Z</timestamp><eventCode>200</eventCode>" +
      "<eventType>UNKNOWN_EVENT_HEADEND</eventType><EventLogCategory>STANDARD_EVENT_LOG</EventLogCategory>" +
      "<eventCounter>7</eventCounter></Events>",
  },
  dlms: { expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"], matrix },
  egauge: {
    content: query("STANDARD_EVENT_LOG", FROM, UNTIL).replaceAll("m:", "$:"),
    arrange: ({ alerts }) => {
      for (const [day, month] of [[1, 0] as const, [9, 0] as const, [9, 1] as const]) {
        alerts.raise("cfgchg", Date.UTC(2026, month, day, 13, 30, 5, 250), "/config/time/zone");
      }
      alerts.raise("pxydn", AT_MS);
    },
    check: (_, __, answers) => {
      // The first and the last time of what happened thrice, as far as they are asked for, and something else.
      assert.deepEqual(answers("timestamp"), ["2026-01-01T13:30:05.250Z", "2026-01-09T13:30:05.000Z"]);
      assert.deepEqual(answers("eventType"), ["CONFIGURATION_CHANGE", "UNKNOWN_EVENT_HEADEND"]);
      const details = ["cfgchg", "Configuration changed", "/config/time/zone", "2", "3"];
      assert.deepEqual(answers("value"), [...details, "pxydn", "Proxy connection lost", "4", "1"]);
    },
  },
};
