import type { ChannelValues } from "../mbus.ts";
import { defineOperation } from "../operation.ts";
import type { Channel } from "../values.ts";

/** What was on the channel; `mbusDevice` is absent when it is no device that is known. */
export interface DecoupledChannel {
  readonly channel: ChannelValues;
  readonly mbusDevice?: string;
  /** Whether what the meter says of the channel makes sense. */
  readonly isReadable: boolean;
}

/** Addressed to the electricity meter. */
export const decoupleMbusDeviceByChannel = defineOperation<{ readonly channel: Channel }, DecoupledChannel>({
  name: "DecoupleMbusDeviceByChannel",
  group: "INSTALLATION",
  effect: "writes",
  notification: "DECOUPLE_MBUS_DEVICE_BY_CHANNEL",
  failure: "fault",
});
