import { MBUS_CLIENT_SETUP_WITH_KEY_STATUS } from "./dsmr422.ts";
import {
  ACTIVE_EXPORT,
  ACTIVE_IMPORT,
  CURRENT,
  changeProfile,
  data,
  extendedRegister,
  gsmDiagnostic,
  type ProfileObject,
  perPhase,
  profileGeneric,
  REACTIVE_EXPORT,
  REACTIVE_IMPORT,
  register,
  VOLTAGE,
} from "./profile.ts";
import { SMR_4_3 } from "./smr43.ts";

const volts = <T extends string>(tag: T, logicalName: string) =>
  register(tag, logicalName, "long-unsigned", { scaler: -1, unit: "V" });
const amperes = <T extends string>(tag: T, logicalName: string) =>
  register(tag, logicalName, "long-unsigned", { scaler: -2, unit: "A" });
const watts = <T extends string>(tag: T, logicalName: string) =>
  register(tag, logicalName, "long-unsigned", { scaler: 0, unit: "W" });
const vars = <T extends string>(tag: T, logicalName: string) =>
  register(tag, logicalName, "long-unsigned", { scaler: 0, unit: "var" });

/** Version 1 of the class: the identification number is a plain number, where version 0 has BCD. */
const MBUS_CLIENT_SETUP: ProfileObject<"MBUS_CLIENT_SETUP"> = { ...MBUS_CLIENT_SETUP_WITH_KEY_STATUS, version: 1 };

export const SMR500_OBJECTS = [
  {
    tag: "ASSOCIATION_LN" as const,
    classId: 15,
    version: 3,
    logicalName: "0.0.40.0.0.255",
    attributes: [
      "array",
      "structure",
      "structure",
      "structure",
      "structure",
      "octet-string",
      "enum",
      "octet-string",
      "array",
      "structure",
    ] as const,
  },
  data("MBUS_DRIVER_ACTIVE_FIRMWARE_IDENTIFIER", "1.4.0.2.0.255", "octet-string"),
  data("MBUS_DRIVER_ACTIVE_FIRMWARE_SIGNATURE", "1.4.0.2.8.255", "octet-string"),
  data("CONFIGURATION_OBJECT", "0.1.94.31.3.255", "bit-string"),
  MBUS_CLIENT_SETUP,
  extendedRegister("MBUS_MASTER_VALUE", "0.x.24.2.2.255", "double-long-unsigned"),
  extendedRegister("MBUS_MASTER_VALUE_5MIN", "0.x.24.2.1.255", "double-long-unsigned"),
  extendedRegister("READ_MBUS_STATUS", "0.x.24.2.6.255", "double-long-unsigned"),
  extendedRegister("MBUS_DEVICE_MODEL", "0.x.24.2.7.255", "octet-string"),
  extendedRegister("MBUS_DEVICE_HARDWARE_VERSION", "0.x.24.2.8.255", "octet-string"),
  extendedRegister("MBUS_DEVICE_METROLOGY_VERSION", "0.x.24.2.9.255", "octet-string"),
  extendedRegister("MBUS_DEVICE_OTHER_FIRMWARE_VERSION", "0.x.24.2.10.255", "octet-string"),
  extendedRegister("SIMPLE_VERSION_INFO", "0.x.24.2.11.255", "octet-string"),
  {
    tag: "MBUS_DIAGNOSTIC" as const,
    classId: 77,
    version: 0,
    logicalName: "0.x.24.9.0.255",
    attributes: [
      "unsigned",
      "unsigned",
      "enum",
      "array",
      "double-long-unsigned",
      "double-long-unsigned",
      "double-long-unsigned",
      "structure",
    ] as const,
  },
  gsmDiagnostic("GPRS_DIAGNOSTIC", "0.0.25.6.0.255"),
  profileGeneric("POWER_QUALITY_PROFILE_1", "1.0.99.1.1.255"),
  profileGeneric("POWER_QUALITY_PROFILE_2", "1.0.99.1.2.255"),
  profileGeneric("DAILY_VALUES_E", "1.0.99.2.0.255"),
  profileGeneric("MONTHLY_VALUES_E", "1.0.98.1.0.255"),
  data("AMR_PROFILE_STATUS_DAILY_E", "0.0.96.10.4.255", "unsigned"),
  data("AMR_PROFILE_STATUS_MONTHLY_E", "0.0.96.10.6.255", "unsigned"),
  profileGeneric("DAILY_VALUES_G", "0.x.24.3.1.255"),
  profileGeneric("MONTHLY_VALUES_G", "0.x.24.3.2.255"),
  data("AMR_PROFILE_STATUS_DAILY_G", "0.x.96.10.5.255", "unsigned"),
  data("AMR_PROFILE_STATUS_MONTHLY_G", "0.x.96.10.7.255", "unsigned"),
  profileGeneric("POWER_QUALITY_EVENT_LOG", "0.0.99.98.5.255"),
  data("POWER_QUALITY_EVENT_CODE", "0.0.96.11.5.255", "unsigned"),
  ...perPhase("INSTANTANEOUS_VOLTAGE", VOLTAGE, (tag, c) => volts(tag, `1.0.${c}.7.0.255`)),
  ...perPhase("AVERAGE_VOLTAGE", VOLTAGE, (tag, c) => volts(tag, `1.0.${c}.24.0.255`)),
  ...perPhase("INSTANTANEOUS_CURRENT", CURRENT, (tag, c) => amperes(tag, `1.0.${c}.7.0.255`)),
  amperes("INSTANTANEOUS_CURRENT_TOTAL", "1.0.90.7.0.255"),
  ...perPhase("AVERAGE_CURRENT", CURRENT, (tag, c) => amperes(tag, `1.0.${c}.24.0.255`)),
  ...perPhase("AVERAGE_ACTIVE_POWER_IMPORT", ACTIVE_IMPORT, (tag, c) => watts(tag, `1.0.${c}.4.0.255`)),
  ...perPhase("AVERAGE_ACTIVE_POWER_EXPORT", ACTIVE_EXPORT, (tag, c) => watts(tag, `1.0.${c}.4.0.255`)),
  ...perPhase("AVERAGE_REACTIVE_POWER_IMPORT", REACTIVE_IMPORT, (tag, c) => vars(tag, `1.0.${c}.4.0.255`)),
  ...perPhase("AVERAGE_REACTIVE_POWER_EXPORT", REACTIVE_EXPORT, (tag, c) => vars(tag, `1.0.${c}.4.0.255`)),
];

export const SMR_5_0_0 = changeProfile(SMR_4_3, {
  protocol: { name: "SMR", version: "5.0.0" },
  objects: SMR500_OBJECTS,
  without: ["DAILY_VALUES_COMBINED", "MONTHLY_VALUES_COMBINED"],
  configuration: {
    shape: "bit-string",
    flags: [
      "DISCOVER_ON_OPEN_COVER",
      "DISCOVER_ON_POWER_ON",
      null,
      "PO_ENABLE",
      null,
      null,
      "HLS_5_ON_P3_ENABLE",
      null,
      null,
      "HLS_5_ON_P0_ENABLE",
      "DIRECT_ATTACH_AT_POWER_ON",
      "HLS_6_ON_P3_ENABLE",
      "HLS_7_ON_P3_ENABLE",
      "HLS_6_ON_P0_ENABLE",
      "HLS_7_ON_P0_ENABLE",
    ],
  },
  pushMessageType: 0,
});
