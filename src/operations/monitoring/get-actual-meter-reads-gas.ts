import { defineOperation, type Nothing } from "../operation.ts";
import type { MeterTime, Reading } from "../readings.ts";

export interface ActualMeterReadsGas {
  /** By the clock of the meter in front of the gas meter. */
  readonly time: MeterTime;
  readonly consumption: Reading;
  /** When the gas meter was read last. */
  readonly captureTime: MeterTime;
}

/** The latest reading of a gas meter that the meter in front of it has. */
export const getActualMeterReadsGas = defineOperation<Nothing, ActualMeterReadsGas>({
  name: "GetActualMeterReadsGas",
  addressedTo: ["mbus-device"],
  tellsMissingGateway: true,
  group: "MONITORING",
  effect: "reads",
  notification: "REQUEST_ACTUAL_METER_DATA",
  failure: "fault",
});
