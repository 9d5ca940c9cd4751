import { defineOperation } from "../operation.ts";
import { requireZigbeeTime, type ScheduledEvents, type Sent, type ToEndpoint } from "../smart-energy.ts";

/** Has a gateway that is a display ask its servers for their prices; what they answer comes as events. */
export const getScheduledPriceEvents = defineOperation<
  ToEndpoint & { readonly record?: ScheduledEvents | undefined },
  Sent & { readonly record?: ScheduledEvents | undefined }
>({
  name: "GetScheduledPriceEvents",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "reads",
  notification: "GET_SCHEDULED_PRICE_EVENTS",
  failure: "fault",
  check: ({ record }) => requireZigbeeTime("StartTime", record?.startTimeMs),
});
