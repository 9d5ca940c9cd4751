import { defineOperation, type Nothing } from "../operation.ts";

export const clearMBusStatusOnAllChannels = defineOperation<Nothing, Nothing>({
  name: "ClearMBusStatusOnAllChannels",
  group: "MANAGEMENT",
  effect: "writes",
  notification: "CLEAR_MBUS_STATUS_ON_ALL_CHANNELS",
  failure: "fault",
});
