import { refuse, requireRange } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";
import type { CaptureObject, PushDestination } from "../values.ts";

export interface PushSetupAlarm {
  readonly destination?: PushDestination | undefined;
  readonly pushObjects?: readonly CaptureObject[] | undefined;
}

export const setPushSetupAlarm = defineOperation<PushSetupAlarm, Nothing>({
  name: "SetPushSetupAlarm",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_PUSH_SETUP_ALARM",
  failure: "result",
  check({ destination, pushObjects }) {
    if (!destination && !pushObjects?.length)
      refuse("SetPushSetupAlarm needs Host and Port, a PushObjectList, or both");
    if (destination) requireRange("Port", destination.port, 1, 65_535);
  },
});
