import { defineOperation } from "../operation.ts";
import type { FromEndpoint, ToEndpoint } from "../smart-energy.ts";

/** Empties the list of messages that a gateway received as a display. */
export const clearMessageEvents = defineOperation<ToEndpoint, FromEndpoint>({
  name: "ClearMessageEvents",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "writes",
  notification: "CLEAR_MESSAGE_EVENTS",
  failure: "fault",
});
