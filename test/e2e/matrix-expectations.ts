import type { KnownOperation } from "../../src/operations/registry.ts";
import { broughtWith } from "../operations/cases.ts";

/** The versions of the companion standards, oldest first, with the simulated meter of each and the gas meter on its channel 1. */
export const VERSIONS = [
  { version: "DSMR 2.2", meter: "TEST1022000000001", gasMeter: "TESTG102200000001" },
  { version: "DSMR 4.2.2", meter: "TEST1024000000001", gasMeter: "TESTG102400000001" },
  { version: "SMR 4.3", meter: "TEST1043000000001", gasMeter: "TESTG104300000001" },
  { version: "SMR 5.0.0", meter: "TEST1027000000001", gasMeter: "TESTG102700000001" },
  { version: "SMR 5.1", meter: "TEST1051000000001", gasMeter: "TESTG105100000001" },
  { version: "SMR 5.2", meter: "TEST1052000000001", gasMeter: "TESTG105200000001" },
  { version: "SMR 5.5", meter: "TEST1055000000001", gasMeter: "TESTG105500000001" },
] as const;

export type Version = (typeof VERSIONS)[number]["version"];

/** yes: carried out; 416: refused at once with that code. One for each of `VERSIONS`. */
export type Row = readonly [Support, Support, Support, Support, Support, Support, Support];
export type Support = "yes" | 416;

/**
 * What each version offers, written out by hand from what the companion standards demand of a meter and from what
 * clients of the public contract are used to. Nothing here is computed from the profiles, which are held against it.
 *
 * Where that leaves doubt: a DSMR 2.2 meter has no definable load profile, so configuring it is refused here rather than
 * by the meter. The key status of a channel is refused there too, although a channel without a device could be told
 * without the attribute that the meter lacks. Randomisation on DSMR 4.2.2 and keys of gas meters behind it are offered
 * for a part of what can be asked, and test alarms of SMR 5.1 and 5.2 for one of two kinds; see matrix-variants.test.ts.
 */
const ROWS: { readonly [N in KnownOperation]?: Row } = {
  // biome-ignore-start format: a table
  //                                   2.2  4.2.2   4.3  5.0.0   5.1    5.2    5.5
  SetSpecialDays: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  SetConfigurationObject: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  GetConfigurationObject: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  SetPushSetupAlarm: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  SetPushSetupSms: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  SetPushSetupLastGasp: [416, 416, 416, 416, 416, 416, "yes"],
  SetPushSetupUdp: [416, 416, 416, 416, 416, 416, "yes"],
  SetAlarmNotifications: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  SetKeyOnGMeter: [416, "yes", 416, "yes", "yes", "yes", "yes"],
  SetMbusUserKeyByChannel: [416, "yes", 416, "yes", "yes", "yes", "yes"],
  GetMbusEncryptionKeyStatus: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  GetMbusEncryptionKeyStatusByChannel: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  SetActivityCalendar: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  GetAdministrativeStatus: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  SetAdministrativeStatus: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  GetFirmwareVersion: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  GetFirmwareVersionGas: [416, 416, 416, "yes", "yes", "yes", "yes"],
  UpdateFirmware: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  ReplaceKeys: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  GenerateAndReplaceKeys: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  GetKeys: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  SetClockConfiguration: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  ConfigureDefinableLoadProfile: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  SetRandomisationSettings: [416, "yes", "yes", "yes", "yes", "yes", "yes"],
  SetThdConfiguration: [416, 416, 416, 416, 416, "yes", "yes"],
  SynchronizeTime: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  GetSpecificAttributeValue: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  GetAllAttributeValues: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  GetAssociationLnObjects: ["yes", "yes", "yes", "yes", "yes", "yes", "yes"],
  TestAlarmScheduler: [416, 416, 416, 416, "yes", "yes", "yes"],
  // biome-ignore-end format: a table
};

/** The rows above, and those that operations bring with them. */
export const EXPECTED: Readonly<Record<string, Row>> = {
  ...ROWS,
  ...broughtWith(({ dlms }) => dlms?.expected),
};

/** What the inner message of a 416 says; VERSION stands for protocol and version. */
export const REASONS: Readonly<Record<string, string>> = {
  SetConfigurationObject: "Cannot find configuration object for protocol VERSION",
  GetConfigurationObject: "Cannot find configuration object for protocol VERSION",
  SetPushSetupAlarm: "No address found for PUSH_SETUP_ALARM in protocol VERSION",
  SetPushSetupSms: "No address found for PUSH_SETUP_SMS in protocol VERSION",
  SetPushSetupLastGasp: "No address found for PUSH_SETUP_UDP in protocol VERSION",
  SetPushSetupUdp: "No address found for PUSH_SETUP_UDP in protocol VERSION",
  SetKeyOnGMeter:
    "Unsupported combination of protocol VERSION and key type of any kind in request to set key on g-meter",
  SetMbusUserKeyByChannel:
    "Unsupported combination of protocol VERSION and key type of any kind in request to set key on g-meter",
  GetMbusEncryptionKeyStatus: "No address found for MBUS_CLIENT_SETUP in protocol VERSION",
  GetMbusEncryptionKeyStatusByChannel: "No address found for MBUS_CLIENT_SETUP in protocol VERSION",
  GetAdministrativeStatus:
    "No object found of type ADMINISTRATIVE_IN_OUT. No address found for ADMINISTRATIVE_IN_OUT in protocol VERSION",
  SetAdministrativeStatus:
    "No object found of type ADMINISTRATIVE_IN_OUT. No address found for ADMINISTRATIVE_IN_OUT in protocol VERSION",
  GetFirmwareVersionGas: "Simple Version Info not supported by protocol",
  UpdateFirmware: "No address found for IMAGE_TRANSFER in protocol VERSION",
  ConfigureDefinableLoadProfile: "No address found for DEFINABLE_LOAD_PROFILE in protocol VERSION",
  SetRandomisationSettings: "No address found for RANDOMISATION_SETTINGS in protocol VERSION",
  SetThdConfiguration: "No address found for THD_VALUE_THRESHOLD in protocol VERSION",
  TestAlarmScheduler: "No address found for PHASE_OUTAGE_TEST in protocol VERSION",
  ...broughtWith(({ dlms }) => dlms?.reason),
};
