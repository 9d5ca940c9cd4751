import type { LifecycleStatus } from "../../domain/device.ts";
import { defineOperation } from "../operation.ts";
import type { Channel } from "../values.ts";

export const setDeviceLifecycleStatusByChannel = defineOperation<
  { readonly channel: Channel; readonly status: LifecycleStatus },
  { readonly channel: Channel; readonly status: LifecycleStatus; readonly gateway: string; readonly mbusDevice: string }
>({
  name: "SetDeviceLifecycleStatusByChannel",
  group: "MANAGEMENT",
  effect: "writes",
  notification: "SET_DEVICE_LIFECYCLE_STATUS_BY_CHANNEL",
  failure: "fault",
});
