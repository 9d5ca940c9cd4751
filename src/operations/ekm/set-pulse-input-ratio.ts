import type { Confirmation, PulseLine } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

/** Says how many pulses at an input are one unit: 0 to 9999. */
export const setPulseInputRatio = defineOperation<{ readonly line: PulseLine; readonly ratio: number }, Confirmation>({
  name: "SetPulseInputRatio",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_PULSE_INPUT_RATIO",
  failure: "fault",
});
