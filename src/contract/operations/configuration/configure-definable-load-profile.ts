import { configureDefinableLoadProfile } from "../../../operations/configuration/configure-definable-load-profile.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { toCaptureObject } from "../values.ts";
import { change, wireForm } from "../wire-form.ts";

function toDefinableLoadProfile({ CaptureObjects, CapturePeriod }: wire.DefinableLoadProfileConfigurationData) {
  return {
    ...(CaptureObjects && { captureObjects: CaptureObjects.CaptureObject.map(toCaptureObject) }),
    ...(CapturePeriod !== undefined && { capturePeriodS: CapturePeriod }),
  };
}

export const configureDefinableLoadProfileForm = wireForm(
  configureDefinableLoadProfile,
  "sm-configuration:ConfigureDefinableLoadProfile",
  {
    ...change,
    request: (r) => toDefinableLoadProfile(r.DefinableLoadProfileConfigurationData),
    bundle: {
      element: "ConfigureDefinableLoadProfileRequest",
      request: toDefinableLoadProfile,
      success: "Configure definable load profile was successful",
    },
  },
);
