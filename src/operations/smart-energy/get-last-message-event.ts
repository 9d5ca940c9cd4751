import { defineOperation } from "../operation.ts";
import type { Sent, ToEndpoint } from "../smart-energy.ts";

/** Has a gateway that is a display ask its servers for their message; what they answer comes as an event. */
export const getLastMessageEvent = defineOperation<ToEndpoint, Sent>({
  name: "GetLastMessageEvent",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "reads",
  notification: "GET_LAST_MESSAGE_EVENT",
  failure: "fault",
});
