import { defineOperation } from "../operation.ts";
import type { FastPoll, FromMeter, RequestFastPoll, ToMeter } from "../smart-energy.ts";

/** Has a meter take its values more often for some minutes. */
export const requestFastPollMode = defineOperation<
  ToMeter & { readonly record: RequestFastPoll },
  FromMeter & { readonly record: FastPoll }
>({
  name: "RequestFastPollMode",
  addressedTo: ["meter", "gateway"],
  group: "MONITORING",
  effect: "writes",
  notification: "REQUEST_FAST_POLL_MODE",
  failure: "fault",
});
