import { setThdConfiguration } from "../../../operations/configuration/set-thd-configuration.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { inRange } from "../values.ts";
import { change, wireForm } from "../wire-form.ts";

const UINT16_MAX = 0xffff;
const UINT32_MAX = 0xffff_ffff;

/** Ranges are those of the meter's data types: double-long-unsigned for seconds, long-unsigned for percents. */
function toThdConfiguration(data: wire.SetThdConfigurationRequestData) {
  return {
    minDurationNormalToOverS: inRange("MinDurationNormalToOver", data.MinDurationNormalToOver, 0, UINT32_MAX),
    minDurationOverToNormalS: inRange("MinDurationOverToNormal", data.MinDurationOverToNormal, 0, UINT32_MAX),
    timeThresholdS: inRange("TimeThreshold", data.TimeThreshold, 0, UINT32_MAX),
    valueHysteresisPercent: inRange("ValueHysteresis", data.ValueHysteresis, 0, UINT16_MAX),
    valueThresholdPercent: inRange("ValueThreshold", data.ValueThreshold, 0, UINT16_MAX),
  };
}

export const setThdConfigurationForm = wireForm(setThdConfiguration, "sm-configuration:SetThdConfiguration", {
  ...change,
  request: (r) => toThdConfiguration(r.SetThdConfigurationRequestData),
  bundle: {
    element: "SetThdConfigurationRequest",
    request: toThdConfiguration,
    success: "THD Configuration was successful",
  },
});
