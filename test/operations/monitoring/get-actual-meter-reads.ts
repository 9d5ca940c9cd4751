import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { cosem } from "../../../src/dlms/data.ts";
import { monitoring } from "../../e2e/matrix-case.ts";
import type { TestCase } from "../cases.ts";

/** Element, register, what it is arranged to hold in Wh, and how that is told. */
const ENERGY = [
  ["ActiveEnergyImport", "1.0.1.8.0.255", 4_294_967_295, "4294967.295"],
  ["ActiveEnergyExport", "1.0.2.8.0.255", 1, "0.001"],
  ["ActiveEnergyImportTariffOne", "1.0.1.8.1.255", 1000, "1.000"],
  ["ActiveEnergyImportTariffTwo", "1.0.1.8.2.255", 0, "0.000"],
  ["ActiveEnergyExportTariffOne", "1.0.2.8.1.255", 12_345_670, "12345.670"],
  ["ActiveEnergyExportTariffTwo", "1.0.2.8.2.255", 99, "0.099"],
] as const;
const reading = (value: string) => ({ value, unit: "Wh" });

export const testCase: TestCase = {
  wire: {
    operation: "GetActualMeterReads",
    service: "o",
    request: {},
    result: {
      // The second 02:30 of that night.
      time: { epochMs: Date.UTC(2026, 9, 25, 1, 30), deviationMinutes: -60, clockStatus: 0 },
      energy: {
        import: reading("18446744073709551615"),
        export: reading("0"),
        importTariff1: reading("1"),
        importTariff2: reading("2.5"),
        exportTariff1: reading("3000"),
        exportTariff2: reading("1200"),
      },
    },
    response:
      "<LogTime>2026-10-25T02:30:00.000+01:00</LogTime><ActiveEnergyImport>18446744073709551.615</ActiveEnergyImport>" +
      "<ActiveEnergyExport>0.000</ActiveEnergyExport><ActiveEnergyImportTariffOne>0.001</ActiveEnergyImportTariffOne>" +
      "<ActiveEnergyImportTariffTwo>0.0025</ActiveEnergyImportTariffTwo>" +
      "<ActiveEnergyExportTariffOne>3.000</ActiveEnergyExportTariffOne>" +
      "<ActiveEnergyExportTariffTwo>1.200</ActiveEnergyExportTariffTwo>",
  },
  dlms: {
    expected: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
    matrix: {
      document: ({ device }) => monitoring("ActualMeterReads", device),
      arrange: (cell) => {
        for (const [, register, wattHours] of ENERGY) {
          cell.write(`3/${register}/2`, cosem.doubleLongUnsigned(wattHours));
        }
      },
      check: (answer, { meter }) => {
        for (const [element, , , told] of ENERGY) assert.equal(leaf(answer, element), told, answer.xml);
        assert.equal(answer.xml.match(/ unit="KWH"/g)?.length, ENERGY.length);
        const time = leaf(answer, "LogTime")!;
        assert.match(time, /\+0[12]:00$/);
        assert.ok(Date.parse(time) <= meter.meter.nowMs());
      },
    },
  },
};
