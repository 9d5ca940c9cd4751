import { defineOperation } from "../operation.ts";
import { requireZigbeeTime, type ScheduledEvents, type Sent, type ToEndpoint } from "../smart-energy.ts";

/** Has a gateway that is a client ask its servers for their events; what they answer comes as events of the gateway. */
export const getScheduledDrlcEvents = defineOperation<
  ToEndpoint & { readonly record?: ScheduledEvents | undefined },
  Sent & { readonly record?: ScheduledEvents | undefined }
>({
  name: "GetScheduledDrlcEvents",
  addressedTo: ["gateway"],
  group: "AD_HOC",
  effect: "reads",
  notification: "GET_SCHEDULED_DRLC_EVENTS",
  failure: "fault",
  check: ({ record }) => requireZigbeeTime("StartTime", record?.startTimeMs),
});
