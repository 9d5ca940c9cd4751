import { defineOperation, type Nothing } from "../operation.ts";

/** When total harmonic distortion counts as too high. Durations 0 … 2^32 − 1 seconds, percents 0 … 65535. */
export interface ThdConfiguration {
  readonly minDurationNormalToOverS: number;
  readonly minDurationOverToNormalS: number;
  readonly timeThresholdS: number;
  readonly valueHysteresisPercent: number;
  readonly valueThresholdPercent: number;
}

export const setThdConfiguration = defineOperation<ThdConfiguration, Nothing>({
  name: "SetThdConfiguration",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_THD_CONFIGURATION",
  failure: "result",
});
