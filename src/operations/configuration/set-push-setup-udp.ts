import { defineOperation, type Nothing } from "../operation.ts";

/** Lets pushes over UDP go out at any time. */
export const setPushSetupUdp = defineOperation<Nothing, Nothing>({
  name: "SetPushSetupUdp",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_PUSH_SETUP_UDP",
  failure: "result",
});
