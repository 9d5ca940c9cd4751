import type { Confirmation } from "../ekm.ts";
import { defineOperation, type Nothing } from "../operation.ts";

/** Sets the resettable registers to zero; what they held is gone. */
export const setZeroResettableKWH = defineOperation<Nothing, Confirmation>({
  name: "SetZeroResettableKWH",
  group: "MANAGEMENT",
  effect: "moves",
  notification: "SET_ZERO_RESETTABLE_KWH",
  failure: "fault",
});
