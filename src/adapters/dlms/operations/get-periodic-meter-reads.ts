import { getPeriodicMeterReads } from "../../../operations/monitoring/get-periodic-meter-reads.ts";
import type { EnergyRegister, PeriodType } from "../../../operations/readings.ts";
import { execution, missingObject } from "../execution.ts";
import { findObject } from "../profiles/index.ts";
import { readProfile } from "../readings/profile-reader.ts";
import { readScales } from "../readings/reading.ts";
import { scaledText } from "../readings/scaler-unit.ts";
import { ENERGY_OBJECTS } from "./energy-registers.ts";
import { isOf, isStatus, profileTag, STEPS, statusOf } from "./periodic-reads.ts";

const TARIFFS = ["importTariff1", "importTariff2", "exportTariff1", "exportTariff2"] as const;
const REGISTERS: Readonly<Record<PeriodType, readonly EnergyRegister[]>> = {
  INTERVAL: ["import", "export"],
  DAILY: TARIFFS,
  MONTHLY: TARIFFS,
};

/** The totals of each quarter-hour, or the tariffs of each day or month. What they mean, the meter tells. */
export const getPeriodicMeterReadsExecution = execution(getPeriodicMeterReads, {
  missing: (profile) => missingObject(profile, "INTERVAL_VALUES_E"),
  async run(context, { periodType, ...range }) {
    const { meter, profile } = context;
    const registers = REGISTERS[periodType].map((register) => ({
      register,
      object: findObject(profile, ENERGY_OBJECTS[register]),
    }));
    const { columns, rows } = await readProfile(context, findObject(profile, profileTag(profile, periodType, "E")), {
      range,
      wanted: (column) => isStatus(column) || registers.some(({ object }) => isOf(column, object)),
      step: STEPS[periodType],
    });
    const captured = registers.flatMap(({ register, object }) => {
      const column = columns.findIndex((candidate) => isOf(candidate, object));
      return column < 0 ? [] : [{ register, ...object, column, scale: undefined }];
    });
    const scales = rows.length > 0 ? await readScales(meter, captured) : [];
    const status = columns.findIndex(isStatus);
    return {
      periodType,
      registers: rows.length > 0 ? captured.map(({ register }, i) => ({ register, unit: scales[i]!.unit })) : [],
      reads: rows.map(({ time, values }) => ({
        time,
        ...statusOf(values[status]),
        values: captured.map(({ column }, i) => {
          const data = values[column];
          return (data && scaledText(data, scales[i]!.scaler)) ?? null;
        }),
      })),
    };
  },
});
