import { defineOperation, type Nothing } from "../operation.ts";

export const enableDebugging = defineOperation<Nothing, Nothing>({
  name: "EnableDebugging",
  runsOn: "platform",
  addressedTo: ["meter", "mbus-device"],
  group: "MANAGEMENT",
  effect: "writes",
  notification: "ENABLE_DEBUGGING",
  failure: "fault",
});
