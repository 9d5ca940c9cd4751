import type { MbusShortId } from "../mbus.ts";
import { defineOperation, type Nothing } from "../operation.ts";

export const scanMbusChannels = defineOperation<Nothing, { readonly channels: readonly MbusShortId[] }>({
  name: "ScanMbusChannels",
  group: "AD_HOC",
  effect: "reads",
  notification: "SCAN_MBUS_CHANNELS",
  failure: "fault",
});
