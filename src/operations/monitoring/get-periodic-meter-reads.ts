import type { Unit } from "../../domain/unit.ts";
import type { DecimalText } from "../../lib/decimal.ts";
import { defineOperation } from "../operation.ts";
import { checkRange, type EnergyRegister, type MeterTimes, type PeriodicReads, type PeriodType } from "../readings.ts";

/** Reads by column: the first of each belong together. */
export interface PeriodicMeterReads {
  readonly periodType: PeriodType;
  readonly times: MeterTimes;
  /** Bits as in `PROFILE_STATUS_FLAGS`, null where a read has none; absent when the meter keeps none. */
  readonly statuses?: readonly (number | null)[] | undefined;
  readonly registers: readonly {
    readonly register: EnergyRegister;
    readonly unit: Unit;
    readonly values: readonly (DecimalText | null)[];
  }[];
}

/** What a meter's registers held at the ends of quarter-hours, days or months. */
export const getPeriodicMeterReads = defineOperation<PeriodicReads, PeriodicMeterReads>({
  name: "GetPeriodicMeterReads",
  group: "MONITORING",
  effect: "reads",
  notification: "REQUEST_PERIODIC_METER_DATA",
  failure: "fault",
  check: checkRange,
});
