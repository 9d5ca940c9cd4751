import { toHex } from "../../../lib/bytes.ts";
import { setClockConfiguration } from "../../../operations/configuration/set-clock-configuration.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { change, wireForm } from "../wire-form.ts";

function toClockConfiguration(data: wire.SetClockConfigurationRequestData) {
  return {
    timeZoneOffsetMinutes: data.TimeZoneOffset,
    daylightSavingsBegin: toHex(data.DaylightSavingsBegin),
    daylightSavingsEnd: toHex(data.DaylightSavingsEnd),
    daylightSavingsEnabled: data.DaylightSavingsEnabled,
  };
}

export const setClockConfigurationForm = wireForm(setClockConfiguration, "sm-configuration:SetClockConfiguration", {
  ...change,
  request: (r) => toClockConfiguration(r.SetClockConfigurationData),
  bundle: {
    element: "SetClockConfigurationRequest",
    request: toClockConfiguration,
    success: "Set clock configuration was successful",
  },
});
