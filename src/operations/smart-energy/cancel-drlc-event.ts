import { defineOperation } from "../operation.ts";
import { type CancelLoadControlEvent, requireZigbeeTime, type Sent, type ToEndpoint } from "../smart-energy.ts";

/** Has a gateway take an event back, and tell the appliances: at once, or when its time has come. */
export const cancelDrlcEvent = defineOperation<
  ToEndpoint & { readonly record: CancelLoadControlEvent },
  Sent & { readonly record: CancelLoadControlEvent }
>({
  name: "CancelDrlcEvent",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "writes",
  notification: "CANCEL_DRLC_EVENT",
  failure: "fault",
  check: ({ record }) => requireZigbeeTime("EffectiveTime", record.effectiveTimeMs),
});
