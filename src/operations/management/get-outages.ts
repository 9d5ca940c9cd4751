import { defineOperation, type Nothing } from "../operation.ts";

/** A time without power. */
export interface Outage {
  /** Epoch milliseconds. */
  readonly endMs: number;
  /** 0 … 2^32 − 1; absent when the meter does not tell. */
  readonly durationSeconds?: number | undefined;
}

/** Only within a bundle: the contract has no request of its own for it, and no notification. */
export const getOutages = defineOperation<Nothing, { readonly outages: readonly Outage[] }>({
  name: "GetOutages",
  group: "MANAGEMENT",
  effect: "reads",
  notification: "HANDLE_BUNDLED_ACTIONS",
  failure: "fault",
});
