import { setPushSetupAlarm } from "../../../operations/configuration/set-push-setup-alarm.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { toCaptureObject, toDestination } from "../values.ts";
import { change, wireForm } from "../wire-form.ts";

/** The destination counts only when host and port are both there, as it always did. */
function toPushSetupAlarm({ PushSetupAlarm: { Host, Port, PushObjectList } }: wire.SetPushSetupAlarmRequestData) {
  return {
    ...(Host !== undefined && Port !== undefined && { destination: toDestination(Host, Port) }),
    ...(PushObjectList.length > 0 && { pushObjects: PushObjectList.map(toCaptureObject) }),
  };
}

export const setPushSetupAlarmForm = wireForm(setPushSetupAlarm, "sm-configuration:SetPushSetupAlarm", {
  ...change,
  request: (r) => toPushSetupAlarm(r.SetPushSetupAlarmRequestData),
  bundle: {
    element: "SetPushSetupAlarmRequest",
    request: toPushSetupAlarm,
    success: "Setting push setup alarm was successful",
  },
});
