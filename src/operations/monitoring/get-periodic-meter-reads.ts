import type { Unit } from "../../domain/unit.ts";
import type { DecimalText } from "../../lib/decimal.ts";
import { defineOperation } from "../operation.ts";
import {
  checkRange,
  type EnergyRegister,
  type MeterTime,
  type PeriodicReads,
  type PeriodType,
  type ProfileStatusFlag,
} from "../readings.ts";

export interface PeriodicMeterReads {
  readonly periodType: PeriodType;
  /** What the values of each read are. */
  readonly registers: readonly { readonly register: EnergyRegister; readonly unit: Unit }[];
  readonly reads: readonly {
    readonly time: MeterTime;
    /** Absent when the meter has none. */
    readonly status?: readonly ProfileStatusFlag[] | undefined;
    /** One for each of the registers, null for none. */
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
