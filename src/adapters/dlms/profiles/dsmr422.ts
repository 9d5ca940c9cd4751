import { DSMR_2_2, DSMR22_OBJECTS } from "./dsmr22.ts";
import {
  ACTIVE_EXPORT,
  ACTIVE_IMPORT,
  CURRENT,
  changeProfile,
  data,
  type ProfileObject,
  perPhase,
  profileGeneric,
  pushSetup,
  REACTIVE_EXPORT,
  REACTIVE_IMPORT,
  register,
  VOLTAGE,
} from "./profile.ts";

/** What the version before says about an object, with more attributes or as a later version of the interface class. */
const mbusClientBefore = DSMR22_OBJECTS.find(({ tag }) => tag === "MBUS_CLIENT_SETUP")!;

const watts = <T extends string>(tag: T, logicalName: string) =>
  register(tag, logicalName, "long-unsigned", { scaler: 0, unit: "W" });
const vars = <T extends string>(tag: T, logicalName: string) =>
  register(tag, logicalName, "long-unsigned", { scaler: 0, unit: "var" });

export const MBUS_CLIENT_SETUP_WITH_KEY_STATUS: ProfileObject<"MBUS_CLIENT_SETUP"> = {
  ...mbusClientBefore,
  tag: "MBUS_CLIENT_SETUP",
  attributes: [...mbusClientBefore.attributes, "long-unsigned", "enum"],
};

export const DSMR422_OBJECTS = [
  {
    tag: "ASSOCIATION_LN" as const,
    classId: 15,
    version: 1,
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
    ] as const,
  },
  data("ACTIVE_FIRMWARE_SIGNATURE", "1.0.0.2.8.255", "octet-string"),
  data("MODULE_ACTIVE_FIRMWARE_SIGNATURE", "1.1.0.2.8.255", "octet-string"),
  data("COMMUNICATION_MODULE_ACTIVE_FIRMWARE_SIGNATURE", "1.2.0.2.8.255", "octet-string"),
  data("P1_PORT_VERSION", "1.3.0.2.0.255", "octet-string"),
  data("ADMINISTRATIVE_IN_OUT", "0.1.94.31.0.255", "enum"),
  data("CONFIGURATION_OBJECT", "0.1.94.31.3.255", "structure"),
  data("RANDOMISATION_SETTINGS", "0.1.94.31.12.255", "structure"),
  pushSetup("PUSH_SETUP_ALARM", "0.1.25.9.0.255"),
  pushSetup("PUSH_SETUP_SMS", "0.2.25.9.0.255"),
  {
    tag: "IMAGE_TRANSFER" as const,
    classId: 18,
    version: 0,
    logicalName: "0.0.44.0.0.255",
    attributes: ["double-long-unsigned", "bit-string", "double-long-unsigned", "boolean", "enum", "array"] as const,
  },
  MBUS_CLIENT_SETUP_WITH_KEY_STATUS,
  profileGeneric("DEFINABLE_LOAD_PROFILE", "0.1.94.31.6.255"),
  profileGeneric("STANDARD_EVENT_LOG", "0.0.99.98.0.255"),
  profileGeneric("FRAUD_DETECTION_LOG", "0.0.99.98.1.255"),
  profileGeneric("M_BUS_EVENT_LOG", "0.0.99.98.3.255"),
  profileGeneric("POWER_FAILURE_EVENT_LOG", "1.0.99.97.0.255"),
  profileGeneric("COMMUNICATION_SESSION_LOG", "0.0.99.98.4.255"),
  data("COMMUNICATION_SESSION_EVENT_CODE", "0.0.96.11.4.255", "unsigned"),
  data("COMMUNICATION_SESSION_EVENT_COUNTER", "0.0.96.15.4.255", "long-unsigned"),
  ...perPhase("INSTANTANEOUS_VOLTAGE", VOLTAGE, (tag, c) => register(tag, `1.0.${c}.7.0.255`, "long-unsigned")),
  ...perPhase("AVERAGE_CURRENT", CURRENT, (tag, c) =>
    register(tag, `1.0.${c}.24.0.255`, "long-unsigned", { scaler: 0, unit: "A" }),
  ),
  watts("INSTANTANEOUS_ACTIVE_POWER_IMPORT", "1.0.1.7.0.255"),
  watts("INSTANTANEOUS_ACTIVE_POWER_EXPORT", "1.0.2.7.0.255"),
  ...perPhase("INSTANTANEOUS_ACTIVE_POWER_IMPORT", ACTIVE_IMPORT, (tag, c) => watts(tag, `1.0.${c}.7.0.255`)),
  ...perPhase("INSTANTANEOUS_ACTIVE_POWER_EXPORT", ACTIVE_EXPORT, (tag, c) => watts(tag, `1.0.${c}.7.0.255`)),
  ...perPhase("AVERAGE_ACTIVE_POWER_IMPORT", ACTIVE_IMPORT, (tag, c) => watts(tag, `1.0.${c}.24.0.255`)),
  ...perPhase("AVERAGE_ACTIVE_POWER_EXPORT", ACTIVE_EXPORT, (tag, c) => watts(tag, `1.0.${c}.24.0.255`)),
  ...perPhase("AVERAGE_REACTIVE_POWER_IMPORT", REACTIVE_IMPORT, (tag, c) => vars(tag, `1.0.${c}.24.0.255`)),
  ...perPhase("AVERAGE_REACTIVE_POWER_EXPORT", REACTIVE_EXPORT, (tag, c) => vars(tag, `1.0.${c}.24.0.255`)),
];

export const DSMR_4_2_2 = changeProfile(DSMR_2_2, {
  protocol: { name: "DSMR", version: "4.2.2" },
  objects: DSMR422_OBJECTS,
  configuration: {
    shape: "structure",
    flags: [
      "DISCOVER_ON_OPEN_COVER",
      "DISCOVER_ON_POWER_ON",
      "DYNAMIC_MBUS_ADDRESS",
      "PO_ENABLE",
      "HLS_3_ON_P3_ENABLE",
      "HLS_4_ON_P3_ENABLE",
      "HLS_5_ON_P3_ENABLE",
      "HLS_3_ON_P0_ENABLE",
      "HLS_4_ON_P0_ENABLE",
      "HLS_5_ON_P0_ENABLE",
    ],
  },
});
