import type { Unit } from "../../domain/unit.ts";
import type { DecimalText } from "../../lib/decimal.ts";
import { defineOperation } from "../operation.ts";
import { checkPowerQualityType, type MeterTime, type PowerQualityType } from "../readings.ts";

export interface ActualPowerQuality {
  /** By the meter's clock. */
  readonly time: MeterTime;
  readonly values: readonly {
    /** As the meter's objects are called. */
    readonly name: string;
    readonly unit: Unit;
    /** Whether it counts, so that it has no decimals in any meter. */
    readonly isCount: boolean;
    /** Null when the meter has none. */
    readonly value: DecimalText | null;
  }[];
}

export const actualPowerQuality = defineOperation<{ readonly profileType: PowerQualityType }, ActualPowerQuality>({
  name: "ActualPowerQuality",
  group: "MONITORING",
  effect: "reads",
  notification: "GET_ACTUAL_POWER_QUALITY",
  failure: "fault",
  check: checkPowerQualityType,
});
