import { defineOperation, type Nothing } from "../operation.ts";
import type { EnergyRegister, MeterTime, Reading } from "../readings.ts";

export interface ActualMeterReads {
  /** By the meter's clock. */
  readonly time: MeterTime;
  readonly energy: Readonly<Record<EnergyRegister, Reading>>;
}

export const getActualMeterReads = defineOperation<Nothing, ActualMeterReads>({
  name: "GetActualMeterReads",
  group: "MONITORING",
  effect: "reads",
  notification: "REQUEST_ACTUAL_METER_DATA",
  failure: "fault",
});
