import { setPushSetupUdp } from "../../../operations/configuration/set-push-setup-udp.ts";
import { change, nothing, wireForm } from "../wire-form.ts";

export const setPushSetupUdpForm = wireForm(setPushSetupUdp, "sm-configuration:SetPushSetupUdp", {
  ...change,
  request: nothing,
  bundle: { element: "SetPushSetupUdpRequest", request: nothing, success: "Setting push setup UDP was successful" },
});
