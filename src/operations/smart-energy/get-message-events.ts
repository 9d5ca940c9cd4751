import { defineOperation } from "../operation.ts";
import type { DisplayMessage, Listed, ToEndpoint } from "../smart-energy.ts";

/** Gives the messages on a gateway's list. */
export const getMessageEvents = defineOperation<ToEndpoint, Listed<DisplayMessage>>({
  name: "GetMessageEvents",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "reads",
  notification: "GET_MESSAGE_EVENTS",
  failure: "fault",
});
