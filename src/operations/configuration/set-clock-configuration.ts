import { defineOperation, type Nothing } from "../operation.ts";
import type { CosemDateTimeHex } from "../values.ts";

export interface ClockConfiguration {
  /** −720 … 720 minutes, the sign of the meter: −60 for CET. */
  readonly timeZoneOffsetMinutes: number;
  readonly daylightSavingsBegin: CosemDateTimeHex;
  readonly daylightSavingsEnd: CosemDateTimeHex;
  readonly daylightSavingsEnabled: boolean;
}

export const setClockConfiguration = defineOperation<ClockConfiguration, Nothing>({
  name: "SetClockConfiguration",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_CLOCK_CONFIGURATION",
  failure: "result",
});
