import { type Confirmation, type PulseLine, requireOneOf } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

const RATIOS = [1, 2, 4, 5, 8, 10, 16, 20, 25, 40, 50, 80, 100, 200, 400, 800, 1600];

/** Says how many pulses a meter gives for a kWh. */
export const setPulseOutputRatio = defineOperation<{ readonly line: PulseLine; readonly ratio: number }, Confirmation>({
  name: "SetPulseOutputRatio",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_PULSE_OUTPUT_RATIO",
  failure: "fault",
  check({ ratio }) {
    requireOneOf("PulseOutputRatio", ratio, RATIOS);
  },
});
