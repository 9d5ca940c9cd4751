import { defineOperation } from "../operation.ts";
import type { CancelMessage, Sent, ToEndpoint } from "../smart-energy.ts";

/** Has a gateway take a message back, and tell the displays. */
export const cancelMessageEvent = defineOperation<
  ToEndpoint & { readonly record: CancelMessage },
  Sent & { readonly record: CancelMessage }
>({
  name: "CancelMessageEvent",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "writes",
  notification: "CANCEL_MESSAGE_EVENT",
  failure: "fault",
});
