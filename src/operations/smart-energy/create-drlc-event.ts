import { defineOperation } from "../operation.ts";
import { type LoadControlEvent, requireZigbeeTime, type Sent, type ToEndpoint } from "../smart-energy.ts";

/** Has a gateway keep an event of demand response and load control, and send it to the appliances that it knows. */
export const createDrlcEvent = defineOperation<
  ToEndpoint & { readonly record: LoadControlEvent },
  Sent & { readonly record: LoadControlEvent }
>({
  name: "CreateDrlcEvent",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "moves",
  notification: "CREATE_DRLC_EVENT",
  failure: "fault",
  check: ({ record }) => requireZigbeeTime("StartTime", record.startTimeMs),
});
