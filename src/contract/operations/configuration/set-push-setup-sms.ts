import { setPushSetupSms } from "../../../operations/configuration/set-push-setup-sms.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { toDestination } from "../values.ts";
import { change, wireForm } from "../wire-form.ts";

function toPushSetupSms({ PushSetupSms: { Host, Port } }: wire.SetPushSetupSmsRequestData) {
  return { destination: toDestination(Host, Port) };
}

export const setPushSetupSmsForm = wireForm(setPushSetupSms, "sm-configuration:SetPushSetupSms", {
  ...change,
  request: (r) => toPushSetupSms(r.SetPushSetupSmsRequestData),
  bundle: {
    element: "SetPushSetupSmsRequest",
    request: toPushSetupSms,
    success: "Setting push setup SMS was successful",
  },
});
