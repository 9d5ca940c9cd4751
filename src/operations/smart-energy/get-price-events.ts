import { defineOperation } from "../operation.ts";
import type { Listed, PublishPrice, ToEndpoint } from "../smart-energy.ts";

/** Gives the prices on a gateway's list. */
export const getPriceEvents = defineOperation<ToEndpoint, Listed<PublishPrice>>({
  name: "GetPriceEvents",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "reads",
  notification: "GET_PRICE_EVENTS",
  failure: "fault",
});
