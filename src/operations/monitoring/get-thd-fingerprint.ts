import { defineOperation, type Nothing } from "../operation.ts";

/** Total harmonic distortion of one phase's current. */
export interface PhaseDistortion {
  /** Percent. */
  readonly current: number;
  /** 15 harmonics, as the meter has them. */
  readonly fingerprint: readonly number[];
  /** How often the limit was exceeded. */
  readonly overLimitCounter: number;
}

/** By phase: L1, or all three. */
export const getThdFingerprint = defineOperation<Nothing, { readonly phases: readonly PhaseDistortion[] }>({
  name: "GetThdFingerprint",
  group: "MONITORING",
  effect: "reads",
  notification: "GET_THD_FINGERPRINT",
  failure: "fault",
});
