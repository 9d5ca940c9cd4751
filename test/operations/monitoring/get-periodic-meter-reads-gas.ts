import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { fromHex } from "../../../src/lib/bytes.ts";
import { all, type Cell, monitoring } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const range = (prefix: string, begin: string, end: string) =>
  `<${prefix}:PeriodicReadsRequestData><${prefix}:PeriodType>INTERVAL</${prefix}:PeriodType>` +
  `<${prefix}:BeginDate>${begin}</${prefix}:BeginDate><${prefix}:EndDate>${end}</${prefix}:EndDate>` +
  `</${prefix}:PeriodicReadsRequestData>`;

/** DSMR 2.2 does not tell when the gas meter was read. */
const tellsCaptureTime = ({ version }: Cell) => version !== "DSMR 2.2";

export const testCase: TestCase = {
  wire: {
    operation: "GetPeriodicMeterReadsGas",
    service: "o",
    content: range("$", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z"),
    request: { periodType: "INTERVAL", beginMs: Date.UTC(2026, 2, 28, 23), endMs: Date.UTC(2026, 2, 29, 22) },
    result: {
      periodType: "INTERVAL",
      unit: "m³",
      reads: [
        {
          time: { epochMs: Date.UTC(2026, 2, 28, 23), deviationMinutes: -60 },
          status: ["CLOCK_INVALID"],
          value: "1234.567",
          captureTime: { epochMs: Date.UTC(2026, 2, 28, 22, 55), deviationMinutes: -60 },
        },
        {
          time: { epochMs: Date.UTC(2026, 2, 29), deviationMinutes: -60 },
          value: "-1",
          captureTime: { epochMs: 0 },
        },
      ],
    },
    response:
      "<PeriodType>INTERVAL</PeriodType><PeriodicMeterReadsGas><LogTime>2026-03-29T00:00:00.000+01:00</LogTime>" +
      "<Consumption>1234.567</Consumption><CaptureTime>2026-03-28T23:55:00.000+01:00</CaptureTime>" +
      "<AmrProfileStatusCode><AmrProfileStatusCodeFlag>CLOCK_INVALID</AmrProfileStatusCodeFlag></AmrProfileStatusCode></PeriodicMeterReadsGas>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ gasMeter }) =>
        monitoring("PeriodicMeterReadsGas", gasMeter, range("o", "2021-10-31T00:00:00Z", "2021-10-31T02:00:00Z")),
      // Two o'clock comes twice that night; the gas meter was read a little earlier, or never.
      arrange: (cell) => {
        const entry = (time: string, status: number, volume: number, captured: string) =>
          cosem.structure([
            cosem.octetString(fromHex(time)),
            cosem.unsigned(status),
            cosem.doubleLongUnsigned(volume),
            ...(tellsCaptureTime(cell) ? [cosem.octetString(fromHex(captured))] : []),
          ]);
        cell.write(
          "7/0.1.24.3.0.255/2",
          cosem.array([
            entry("07E50A1FFF02000000FF8880", 8, 1000, "07E50A1FFF01370000FF8880"),
            entry("07E50A1FFF02000000FFC400", 2, 1001, "07E50A1FFF02370000FF8880"),
            entry("07E50A1FFF03000000FFC400", 4, 1002, tellsCaptureTime(cell) ? "FFFFFFFFFFFFFFFFFF8000FF" : ""),
          ]),
        );
      },
      check: (answer, cell) => {
        const times = [
          "2021-10-31T02:00:00.000+02:00",
          "2021-10-31T02:00:00.000+01:00",
          "2021-10-31T03:00:00.000+01:00",
        ];
        const [volumes, flags] = [
          ["1.000", "1.001", "1.002"],
          ["DAYLIGHT_SAVING", "CLOCK_INVALID", "DATA_NOT_VALID"],
        ];
        const count = tellsCaptureTime(cell) ? 2 : 3;
        assert.deepEqual(all(answer, "LogTime"), times.slice(0, count), answer.xml);
        assert.deepEqual(all(answer, "Consumption"), volumes.slice(0, count));
        assert.deepEqual(all(answer, "AmrProfileStatusCodeFlag"), flags.slice(0, count));
        const captured = ["2021-10-31T01:55:00.000+02:00", "2021-10-31T02:55:00.000+02:00"];
        assert.deepEqual(all(answer, "CaptureTime"), tellsCaptureTime(cell) ? captured : times);
      },
    },
  },
};
