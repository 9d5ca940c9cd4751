import { defineOperation } from "../operation.ts";
import { type DisplayMessage, requireZigbeeTime, type Sent, type ToEndpoint } from "../smart-energy.ts";

/** Has a gateway keep a message, and send it to the displays that it knows. */
export const createMessageEvent = defineOperation<
  ToEndpoint & { readonly record: DisplayMessage },
  Sent & { readonly record: DisplayMessage }
>({
  name: "CreateMessageEvent",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "moves",
  notification: "CREATE_MESSAGE_EVENT",
  failure: "fault",
  check: ({ record }) => requireZigbeeTime("StartTime", record.startTimeMs),
});
