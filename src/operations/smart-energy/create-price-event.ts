import { defineOperation } from "../operation.ts";
import { type PublishPrice, requireZigbeeTime, type Sent, type ToEndpoint } from "../smart-energy.ts";

/** Has a gateway keep a price, and send it to whoever shows prices. */
export const createPriceEvent = defineOperation<
  ToEndpoint & { readonly record: PublishPrice },
  Sent & { readonly record: PublishPrice }
>({
  name: "CreatePriceEvent",
  addressedTo: ["gateway"],
  group: "TARIFF_SCHEDULING",
  effect: "moves",
  notification: "CREATE_PRICE_EVENT",
  failure: "fault",
  check: ({ record }) => requireZigbeeTime("StartTime", record.startTimeMs),
});
