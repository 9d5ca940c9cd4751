import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { fromHex } from "../../../src/lib/bytes.ts";
import { all, monitoring } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

const range = (prefix: string, period: string, begin: string, end: string) =>
  `<${prefix}:PeriodicReadsRequestData><${prefix}:PeriodType>${period}</${prefix}:PeriodType>` +
  `<${prefix}:BeginDate>${begin}</${prefix}:BeginDate><${prefix}:EndDate>${end}</${prefix}:EndDate>` +
  `</${prefix}:PeriodicReadsRequestData>`;

const entry = (time: string, status: number, imported: number, exported: number) =>
  cosem.structure([
    cosem.octetString(fromHex(time)),
    cosem.unsigned(status),
    cosem.doubleLongUnsigned(imported),
    cosem.doubleLongUnsigned(exported),
  ]);

export const testCase: TestCase = {
  wire: {
    operation: "GetPeriodicMeterReads",
    service: "o",
    content: range("$", "DAILY", "2026-03-28T23:00:00Z", "2026-03-29T23:00:00+01:00"),
    request: {
      periodType: "DAILY",
      beginMs: Date.UTC(2026, 2, 28, 23),
      endMs: Date.UTC(2026, 2, 29, 22),
    },
    result: {
      periodType: "DAILY",
      times: {
        epochMs: [Date.UTC(2026, 2, 28, 23), Date.UTC(2026, 2, 29, 22), Date.UTC(2026, 2, 30, 22)],
        deviationMinutes: [-60, -120, null],
      },
      statuses: [0, 0x88, null],
      registers: [
        { register: "importTariff1", unit: "Wh", values: ["1000", "1234", "-1"] },
        { register: "exportTariff2", unit: "Wh", values: [null, "7", "9223372036854775807001"] },
      ],
    },
    response:
      "<PeriodType>DAILY</PeriodType><PeriodicMeterReads><LogTime>2026-03-29T00:00:00.000+01:00</LogTime>" +
      "<ActiveEnergyImportTariffOne>1.000</ActiveEnergyImportTariffOne><AmrProfileStatusCode></AmrProfileStatusCode></PeriodicMeterReads>" +
      "<PeriodicMeterReads><LogTime>2026-03-30T00:00:00.000+02:00</LogTime>" +
      "<ActiveEnergyImportTariffOne>1.234</ActiveEnergyImportTariffOne><ActiveEnergyExportTariffTwo>0.007</ActiveEnergyExportTariffTwo>" +
      "<AmrProfileStatusCode><AmrProfileStatusCodeFlag>DAYLIGHT_SAVING</AmrProfileStatusCodeFlag>" +
      "<AmrProfileStatusCodeFlag>POWER_DOWN</AmrProfileStatusCodeFlag></AmrProfileStatusCode></PeriodicMeterReads>" +
      "<PeriodicMeterReads><LogTime>2026-03-30T22:00:00.000Z</LogTime></PeriodicMeterReads>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) =>
        monitoring(
          "PeriodicMeterReads",
          device,
          range("o", "INTERVAL", "2021-10-31T00:30:00Z", "2021-10-31T02:30:00+01:00"),
        ),
      // Half past two comes twice that night; entries before and behind the range, and one out of order.
      arrange: (cell) =>
        cell.write(
          "7/1.0.99.1.0.255/2",
          cosem.array([
            entry("07E50A1FFF020F0000FF8880", 8, 1, 1),
            entry("07E50A1FFF021E0000FF8880", 8, 100, 4_294_967_295),
            entry("07E50A1FFF021E0000FFC400", 0, 300, 30),
            entry("07E50A1FFF020F0000FFC400", 0x21, 200, 20),
            entry("07E50A1FFF022D0000FFC400", 0, 9, 9),
          ]),
        ),
      check: (answer) => {
        assert.deepEqual(all(answer, "LogTime"), [
          "2021-10-31T02:30:00.000+02:00",
          "2021-10-31T02:15:00.000+01:00",
          "2021-10-31T02:30:00.000+01:00",
        ]);
        assert.deepEqual(all(answer, "ActiveEnergyImport"), ["0.100", "0.200", "0.300"]);
        assert.deepEqual(all(answer, "ActiveEnergyExport"), ["4294967.295", "0.020", "0.030"]);
        const flags = ["DAYLIGHT_SAVING", "CRITICAL_ERROR", "CLOCK_ADJUSTED"];
        assert.deepEqual(all(answer, "AmrProfileStatusCodeFlag"), flags);
      },
    },
  },
};
