import { defineOperation, type Nothing } from "../operation.ts";
import type { CaptureObject } from "../values.ts";

export interface DefinableLoadProfile {
  readonly captureObjects?: readonly CaptureObject[] | undefined;
  /** Seconds; 0 means no automatic capture. */
  readonly capturePeriodS?: number | undefined;
}

export const configureDefinableLoadProfile = defineOperation<DefinableLoadProfile, Nothing>({
  name: "ConfigureDefinableLoadProfile",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "CONFIGURE_DEFINABLE_LOAD_PROFILE",
  failure: "result",
});
