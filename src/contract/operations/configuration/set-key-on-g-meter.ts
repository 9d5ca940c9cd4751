import { setKeyOnGMeter } from "../../../operations/configuration/set-key-on-g-meter.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { change, wireForm } from "../wire-form.ts";

function toKeyOnGMeter({
  MbusDeviceIdentification,
  SecretType,
  CloseOpticalPort = false,
}: wire.SetKeyOnGMeterRequestData) {
  return { mbusDevice: MbusDeviceIdentification, secretType: SecretType, closeOpticalPort: CloseOpticalPort };
}

export const setKeyOnGMeterForm = wireForm(setKeyOnGMeter, "sm-configuration:SetKeyOnGMeter", {
  ...change,
  request: (r) => toKeyOnGMeter(r.SetKeyOnGMeterRequestData),
  bundle: {
    element: "SetKeyOnGMeterRequest",
    device: (data) => data.MbusDeviceIdentification,
    request: toKeyOnGMeter,
    success: "M-Bus key exchange on Gas meter was successful",
  },
});
