import {
  getPeriodicMeterReads,
  type PeriodicMeterReads,
} from "../../../operations/monitoring/get-periodic-meter-reads.ts";
import type { EnergyRegister } from "../../../operations/readings.ts";
import type { smMonitoring as wire } from "../../generated/index.ts";
import { fromMeterTime, fromStatus, toPeriodicReads } from "../readings.ts";
import { toMeterValue } from "../units.ts";
import { wireForm } from "../wire-form.ts";

const ELEMENTS = {
  import: "ActiveEnergyImport",
  export: "ActiveEnergyExport",
  importTariff1: "ActiveEnergyImportTariffOne",
  importTariff2: "ActiveEnergyImportTariffTwo",
  exportTariff1: "ActiveEnergyExportTariffOne",
  exportTariff2: "ActiveEnergyExportTariffTwo",
} as const satisfies Record<EnergyRegister, keyof wire.PeriodicMeterReads>;

/** A value that the meter has not, or that the schema has no room for, is left out. */
function fromPeriodicMeterReads({ periodType, registers, reads }: PeriodicMeterReads): wire.PeriodicMeterReadsResponse {
  const columns = registers.map(({ register, unit }) => ({ name: ELEMENTS[register], unit }));
  return {
    PeriodType: periodType,
    PeriodicMeterReads: reads.map(({ time, status, values }) => {
      const read: { -readonly [K in keyof wire.PeriodicMeterReads]: wire.PeriodicMeterReads[K] } = {
        LogTime: fromMeterTime(time),
        ...fromStatus(status),
      };
      for (const [i, { name, unit }] of columns.entries()) {
        const value = values[i];
        const meterValue = value === null || value === undefined ? undefined : toMeterValue(value, unit);
        if (meterValue) read[name] = meterValue;
      }
      return read;
    }),
  };
}

export const getPeriodicMeterReadsForm = wireForm(getPeriodicMeterReads, "sm-monitoring:PeriodicMeterReads", {
  request: ({ PeriodicReadsRequestData }) => toPeriodicReads(PeriodicReadsRequestData),
  response: fromPeriodicMeterReads,
  bundle: {
    element: "GetPeriodicMeterReadsRequest",
    request: toPeriodicReads,
    answer: "PeriodicMeterReadsResponse",
    response: (result) => ({ Result: "OK", ...fromPeriodicMeterReads(result) }),
  },
});
