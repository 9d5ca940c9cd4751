import { defineOperation } from "../operation.ts";
import type { Sent, ToEndpoint } from "../smart-energy.ts";

/** Has a gateway take all messages back, one by one. */
export const cancelAllMessageEvents = defineOperation<ToEndpoint, Sent>({
  name: "CancelAllMessageEvents",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "writes",
  notification: "CANCEL_ALL_MESSAGE_EVENTS",
  failure: "fault",
});
