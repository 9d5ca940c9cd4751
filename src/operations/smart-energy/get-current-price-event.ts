import { defineOperation } from "../operation.ts";
import type { Sent, ToEndpoint } from "../smart-energy.ts";

/** Has a gateway that is a display ask its servers for their price; what they answer comes as an event. */
export const getCurrentPriceEvent = defineOperation<ToEndpoint, Sent>({
  name: "GetCurrentPriceEvent",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "reads",
  notification: "GET_CURRENT_PRICE_EVENT",
  failure: "fault",
});
