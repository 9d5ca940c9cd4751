import { defineOperation } from "../operation.ts";
import { type MessageConfirmation, requireZigbeeTime, type Sent, type ToEndpoint } from "../smart-energy.ts";

/** Has a gateway that is a display confirm a message, or the one that is active. */
export const confirmMessageEvent = defineOperation<
  ToEndpoint & { readonly record?: MessageConfirmation | undefined },
  Sent & { readonly record?: MessageConfirmation | undefined }
>({
  name: "ConfirmMessageEvent",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "writes",
  notification: "CONFIRM_MESSAGE_EVENT",
  failure: "fault",
  check: ({ record }) => requireZigbeeTime("ConfirmationTime", record?.confirmationTimeMs),
});
