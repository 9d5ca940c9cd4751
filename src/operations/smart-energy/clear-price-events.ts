import { defineOperation } from "../operation.ts";
import type { FromEndpoint, ToEndpoint } from "../smart-energy.ts";

/** Empties the list of prices that a gateway received as a display. */
export const clearPriceEvents = defineOperation<ToEndpoint, FromEndpoint>({
  name: "ClearPriceEvents",
  addressedTo: ["gateway"],
  group: "TARIFF_SCHEDULING",
  effect: "writes",
  notification: "CLEAR_PRICE_EVENTS",
  failure: "fault",
});
