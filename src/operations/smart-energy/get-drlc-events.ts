import { defineOperation } from "../operation.ts";
import type { Listed, LoadControlEvent, ToEndpoint } from "../smart-energy.ts";

/** Gives the load control events on a gateway's list. */
export const getDrlcEvents = defineOperation<ToEndpoint, Listed<LoadControlEvent>>({
  name: "GetDrlcEvents",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "reads",
  notification: "GET_DRLC_EVENTS",
  failure: "fault",
});
