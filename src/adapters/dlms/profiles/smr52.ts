import {
  CURRENT,
  changeProfile,
  data,
  gsmDiagnostic,
  perPhase,
  profileGeneric,
  register,
  type ScalerUnit,
  VOLTAGE,
} from "./profile.ts";
import { SMR_5_1 } from "./smr51.ts";

const PERCENT: ScalerUnit = { scaler: 0, unit: "%" };
const SECONDS: ScalerUnit = { scaler: 0, unit: "s" };
/** Groups E of the fingerprints of three phases. */
const FINGERPRINT = [24, 25, 26] as const;

export const SMR52_OBJECTS = [
  data("ALARM_REGISTER_2", "0.0.97.98.1.255", "double-long-unsigned"),
  data("ALARM_FILTER_2", "0.0.97.98.11.255", "double-long-unsigned"),
  gsmDiagnostic("LTE_DIAGNOSTIC", "0.2.25.6.0.255"),
  profileGeneric("POWER_QUALITY_EXTENDED_EVENT_LOG", "0.0.99.98.7.255"),
  data("POWER_QUALITY_EXTENDED_EVENT_CODE", "0.0.96.11.7.255", "unsigned"),
  data("POWER_QUALITY_EXTENDED_EVENT_MAGNITUDE", "0.0.96.11.20.255", "long-unsigned"),
  data("POWER_QUALITY_EXTENDED_EVENT_DURATION", "0.0.96.11.21.255", "long-unsigned"),
  profileGeneric("POWER_QUALITY_THD_EVENT_LOG", "0.0.99.98.8.255"),
  data("POWER_QUALITY_THD_EVENT_CODE", "0.0.96.11.8.255", "unsigned"),
  data("POWER_QUALITY_THD_EVENT_MAGNITUDE", "0.0.96.11.22.255", "long-unsigned"),
  ...perPhase("MAGNITUDE_OF_LAST_VOLTAGE_SAG", VOLTAGE, (tag, c) =>
    register(tag, `1.0.${c}.34.0.255`, "long-unsigned"),
  ),
  ...perPhase("MAGNITUDE_OF_LAST_VOLTAGE_SWELL", VOLTAGE, (tag, c) =>
    register(tag, `1.0.${c}.38.0.255`, "long-unsigned"),
  ),
  ...perPhase("DURATION_OF_LAST_VOLTAGE_SAG", VOLTAGE, (tag, c) => register(tag, `1.0.${c}.33.0.255`, "long-unsigned")),
  ...perPhase("DURATION_OF_LAST_VOLTAGE_SWELL", VOLTAGE, (tag, c) =>
    register(tag, `1.0.${c}.37.0.255`, "long-unsigned"),
  ),
  register("THD_VALUE_THRESHOLD", "1.0.11.35.124.255", "long-unsigned", PERCENT),
  register("THD_VALUE_HYSTERESIS", "0.1.94.31.21.255", "long-unsigned", PERCENT),
  register("THD_MIN_DURATION_NORMAL_TO_OVER", "0.1.94.31.22.255", "double-long-unsigned", SECONDS),
  register("THD_MIN_DURATION_OVER_TO_NORMAL", "0.1.94.31.23.255", "double-long-unsigned", SECONDS),
  register("THD_TIME_THRESHOLD", "1.0.11.44.124.255", "double-long-unsigned", SECONDS),
  ...perPhase("THD_CURRENT", CURRENT, (tag, c) => register(tag, `1.0.${c}.7.124.255`, "long-unsigned", PERCENT)),
  ...perPhase("THD_CURRENT_FINGERPRINT", FINGERPRINT, (tag, e) => data(tag, `0.1.94.31.${e}.255`, "array")),
  ...perPhase("THD_CURRENT_OVER_LIMIT_COUNTER", CURRENT, (tag, c) =>
    register(tag, `1.0.${c}.36.124.255`, "long-unsigned", { scaler: 0, unit: "count" }),
  ),
  ...perPhase("MAGNITUDE_OF_LAST_THD_OVER_LIMIT", CURRENT, (tag, c) =>
    register(tag, `1.0.${c}.38.124.255`, "long-unsigned"),
  ),
];

export const SMR_5_2 = changeProfile(SMR_5_1, {
  protocol: { name: "SMR", version: "5.2" },
  objects: SMR52_OBJECTS,
});
