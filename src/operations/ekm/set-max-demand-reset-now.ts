import type { Confirmation } from "../ekm.ts";
import { defineOperation, type Nothing } from "../operation.ts";

/** Begins the maximum demand anew; what it was is gone. */
export const setMaxDemandResetNow = defineOperation<Nothing, Confirmation>({
  name: "SetMaxDemandResetNow",
  group: "MANAGEMENT",
  effect: "moves",
  notification: "SET_MAX_DEMAND_RESET_NOW",
  failure: "fault",
});
