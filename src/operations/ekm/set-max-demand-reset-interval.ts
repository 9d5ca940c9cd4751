import type { Confirmation, ResetInterval } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

/** Says how often a meter begins its maximum demand anew by itself. */
export const setMaxDemandResetInterval = defineOperation<{ readonly interval: ResetInterval }, Confirmation>({
  name: "SetMaxDemandResetInterval",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_MAX_DEMAND_RESET_INTERVAL",
  failure: "fault",
});
