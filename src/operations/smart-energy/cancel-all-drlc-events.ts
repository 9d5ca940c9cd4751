import { defineOperation } from "../operation.ts";
import type { CancelAllLoadControlEvents, Sent, ToEndpoint } from "../smart-energy.ts";

/** Has a gateway take all events back, and tell the appliances. */
export const cancelAllDrlcEvents = defineOperation<
  ToEndpoint & { readonly record?: CancelAllLoadControlEvents | undefined },
  Sent & { readonly record?: CancelAllLoadControlEvents | undefined }
>({
  name: "CancelAllDrlcEvents",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "writes",
  notification: "CANCEL_ALL_DRLC_EVENTS",
  failure: "fault",
});
