import { setConfigurationObject } from "../../../operations/configuration/set-configuration-object.ts";
import type { ConfigurationObject } from "../../../operations/configuration-object.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { change, wireForm } from "../wire-form.ts";

function toConfigurationObject({
  ConfigurationObject: { GprsOperationMode, ConfigurationFlags },
}: wire.SetConfigurationObjectRequestData): ConfigurationObject {
  return {
    ...(GprsOperationMode && { gprsOperationMode: GprsOperationMode }),
    flags: (ConfigurationFlags?.ConfigurationFlag ?? []).map(({ ConfigurationFlagType, Enabled }) => ({
      flag: ConfigurationFlagType,
      enabled: Enabled,
    })),
  };
}

export const setConfigurationObjectForm = wireForm(setConfigurationObject, "sm-configuration:SetConfigurationObject", {
  ...change,
  request: (r) => toConfigurationObject(r.SetConfigurationObjectRequestData),
  bundle: {
    element: "SetConfigurationObjectRequest",
    request: toConfigurationObject,
    success: "Set configuration object was successful",
  },
});
