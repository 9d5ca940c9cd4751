import { defineOperation } from "../operation.ts";

/** Sets an eGauge meter's clock, or has it ask its time servers again. */
export const setMeterTime = defineOperation<
  {
    /** What the clock is to show when the meter is told; absent: ask the time servers. Milliseconds since 1970. */
    readonly timeMs?: number | undefined;
  },
  {
    /** What it showed afterwards. */
    readonly meterTimeMs: number;
  }
>({
  name: "SetMeterTime",
  group: "AD_HOC",
  effect: "writes",
  notification: "SET_METER_TIME",
  failure: "fault",
});
