import { defineOperation, type Nothing } from "../operation.ts";

export const disableDebugging = defineOperation<Nothing, Nothing>({
  name: "DisableDebugging",
  runsOn: "platform",
  addressedTo: ["meter", "mbus-device"],
  group: "MANAGEMENT",
  effect: "writes",
  notification: "DISABLE_DEBUGGING",
  failure: "fault",
});
