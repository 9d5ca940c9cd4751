import { requireRange } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";
import type { PushDestination } from "../values.ts";

export const setPushSetupLastGasp = defineOperation<{ readonly destination: PushDestination }, Nothing>({
  name: "SetPushSetupLastGasp",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_PUSH_SETUP_LAST_GASP",
  failure: "result",
  check({ destination }) {
    requireRange("Port", destination.port, 1, 65_535);
  },
});
