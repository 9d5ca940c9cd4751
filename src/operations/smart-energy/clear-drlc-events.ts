import { defineOperation } from "../operation.ts";
import type { FromEndpoint, ToEndpoint } from "../smart-energy.ts";

/** Empties the list of events that a gateway received as a client. */
export const clearDrlcEvents = defineOperation<ToEndpoint, FromEndpoint>({
  name: "ClearDrlcEvents",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "writes",
  notification: "CLEAR_DRLC_EVENTS",
  failure: "fault",
});
