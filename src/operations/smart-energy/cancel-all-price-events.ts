import { defineOperation } from "../operation.ts";
import type { FromEndpoint, ToEndpoint } from "../smart-energy.ts";

/** Clears a gateway's own list of prices. What displays were sent, they keep: Smart Energy cannot take a price back. */
export const cancelAllPriceEvents = defineOperation<ToEndpoint, FromEndpoint>({
  name: "CancelAllPriceEvents",
  addressedTo: ["gateway"],
  group: "TARIFF_SCHEDULING",
  effect: "writes",
  notification: "CANCEL_ALL_PRICE_EVENTS",
  failure: "fault",
});
