import { getPeriodicMeterReads } from "../../../operations/monitoring/get-periodic-meter-reads.ts";
import type { EnergyRegister, PeriodType } from "../../../operations/readings.ts";
import type { CaptureObject } from "../../../operations/values.ts";
import { execution, missingObject } from "../execution.ts";
import { findObject } from "../profiles/index.ts";
import { readRows } from "../readings/profile-reader.ts";
import { ReadColumns } from "../readings/read-columns.ts";
import { readScales } from "../readings/reading.ts";
import { ENERGY_OBJECTS } from "./energy-registers.ts";
import { isOf, isStatus, profileTag, STEPS } from "./periodic-reads.ts";

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
    const registers = REGISTERS[periodType].map((register) => {
      const { classId, logicalName } = findObject(profile, ENERGY_OBJECTS[register]);
      return { register, classId, logicalName, scale: undefined };
    });
    const capturedIn = (columns: readonly CaptureObject[]) =>
      registers.flatMap((register) => {
        const place = columns.findIndex((column) => isOf(column, register));
        return place < 0 ? [] : [{ ...register, place }];
      });
    const query = {
      range,
      wanted: (column: CaptureObject) => isStatus(column) || registers.some((register) => isOf(column, register)),
      step: STEPS[periodType],
    };
    const object = findObject(profile, profileTag(profile, periodType, "E"));
    const { captured, reads } = await readRows(context, object, query, (columns) => {
      const opened = capturedIn(columns);
      const kept = new ReadColumns(
        opened.map(({ place }) => place),
        columns.findIndex(isStatus),
      );
      return { captured: opened, reads: kept, add: (row) => kept.add(row) };
    });
    const scales = reads.length > 0 ? await readScales(meter, captured) : [];
    const { times, statuses, values } = reads.toColumns(scales.map(({ scaler }) => scaler));
    return {
      ...{ periodType, times, statuses },
      registers: scales.map(({ unit }, i) => ({ register: captured[i]!.register, unit, values: values[i]! })),
    };
  },
});
