import type { ChannelValues } from "../mbus.ts";
import { defineOperation } from "../operation.ts";
import type { Channel } from "../values.ts";

/** Addressed to the electricity meter, which tells what is on the channel. */
export const coupleMbusDeviceByChannel = defineOperation<
  { readonly channel: Channel },
  { readonly channel: ChannelValues }
>({
  name: "CoupleMbusDeviceByChannel",
  group: "INSTALLATION",
  effect: "writes",
  notification: "COUPLE_MBUS_DEVICE_BY_CHANNEL",
  failure: "fault",
});
