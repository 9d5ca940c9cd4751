import { setPushSetupLastGasp } from "../../../operations/configuration/set-push-setup-last-gasp.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { toDestination } from "../values.ts";
import { change, wireForm } from "../wire-form.ts";

function toPushSetupLastGasp({ PushSetupLastGasp: { Host, Port } }: wire.SetPushSetupLastGaspRequestData) {
  return { destination: toDestination(Host, Port) };
}

export const setPushSetupLastGaspForm = wireForm(setPushSetupLastGasp, "sm-configuration:SetPushSetupLastGasp", {
  ...change,
  request: (r) => toPushSetupLastGasp(r.SetPushSetupLastGaspRequestData),
  bundle: {
    element: "SetPushSetupLastGaspRequest",
    request: toPushSetupLastGasp,
    success: "Setting push setup LastGasp was successful",
  },
});
