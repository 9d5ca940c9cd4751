import { requireRange } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";
import type { PushDestination } from "../values.ts";

export const setPushSetupSms = defineOperation<{ readonly destination: PushDestination }, Nothing>({
  name: "SetPushSetupSms",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_PUSH_SETUP_SMS",
  failure: "result",
  check({ destination }) {
    requireRange("Port", destination.port, 1, 65_535);
  },
});
