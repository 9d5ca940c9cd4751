import type { Unit } from "../../domain/unit.ts";
import type { DecimalText } from "../../lib/decimal.ts";
import { defineOperation } from "../operation.ts";
import {
  checkRange,
  type MeterTime,
  type PeriodicReads,
  type PeriodType,
  type ProfileStatusFlag,
} from "../readings.ts";

export interface PeriodicMeterReadsGas {
  readonly periodType: PeriodType;
  readonly unit: Unit;
  readonly reads: readonly {
    readonly time: MeterTime;
    readonly status?: readonly ProfileStatusFlag[] | undefined;
    readonly value: DecimalText;
    /** When the gas meter was read; that of the entry where the meter does not tell. */
    readonly captureTime: MeterTime;
  }[];
}

/** What a gas meter's volume was at the ends of hours, days or months, as the meter in front of it has it. */
export const getPeriodicMeterReadsGas = defineOperation<PeriodicReads, PeriodicMeterReadsGas>({
  name: "GetPeriodicMeterReadsGas",
  addressedTo: ["mbus-device"],
  tellsMissingGateway: true,
  group: "MONITORING",
  effect: "reads",
  notification: "REQUEST_PERIODIC_METER_DATA",
  failure: "fault",
  check: checkRange,
});
