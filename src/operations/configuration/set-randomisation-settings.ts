import { requireRange } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";

export interface RandomisationSettings {
  readonly directAttach: boolean;
  /** 1 … 65535 */
  readonly randomisationStartWindow: number;
  /** 1 … 7 */
  readonly multiplicationFactor: number;
  /** 1 … 31 */
  readonly numberOfRetries: number;
}

export const setRandomisationSettings = defineOperation<RandomisationSettings, Nothing>({
  name: "SetRandomisationSettings",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_RANDOMISATION_SETTINGS",
  failure: "result",
  check({ randomisationStartWindow, multiplicationFactor, numberOfRetries }) {
    requireRange("randomisationStartWindow", randomisationStartWindow, 1, 65_535);
    requireRange("multiplicationFactor", multiplicationFactor, 1, 7);
    requireRange("numberOfRetries", numberOfRetries, 1, 31);
  },
});
