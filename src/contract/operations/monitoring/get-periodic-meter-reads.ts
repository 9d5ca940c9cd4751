import {
  getPeriodicMeterReads,
  type PeriodicMeterReads,
} from "../../../operations/monitoring/get-periodic-meter-reads.ts";
import type { EnergyRegister } from "../../../operations/readings.ts";
import type { smMonitoring as wire } from "../../generated/index.ts";
import { fromMeterTimes, fromStatusBits, toPeriodicReads } from "../readings.ts";
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

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A value that the meter has not, or that the schema has no room for, is left out. */
function fromPeriodicMeterReads(result: PeriodicMeterReads): wire.PeriodicMeterReadsResponse {
  const { periodType, times, statuses, registers } = result;
  return {
    PeriodType: periodType,
    PeriodicMeterReads: times.epochMs.map((_, row) => {
      const read: Writable<wire.PeriodicMeterReads> = { LogTime: fromMeterTimes(times, row) };
      for (const { register, unit, values } of registers) {
        const value = values[row] ?? null;
        const meterValue = value === null ? undefined : toMeterValue(value, unit);
        if (meterValue) read[ELEMENTS[register]] = meterValue;
      }
      const status = statuses?.[row] ?? null;
      if (status !== null) read.AmrProfileStatusCode = fromStatusBits(status);
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
