import { toActivityCalendar } from "./activity-calendar.ts";
import * as requests from "./configuration-requests.ts";
import * as results from "./configuration-results.ts";
import { done, mappings, notDone, nothing } from "./mapping.ts";

/** An operation that only changes something and whose failure is a Result. */
const change = { response: done, errorResponse: notDone } as const;

const settings = mappings("sm-configuration", {
  SetSpecialDays: { ...change, request: (r) => requests.toSpecialDays(r.SpecialDaysRequestData) },
  SetConfigurationObject: {
    ...change,
    request: (r) => requests.toConfigurationObject(r.SetConfigurationObjectRequestData),
  },
  GetConfigurationObject: {
    request: nothing,
    response: (result) => ({ Result: "OK", ConfigurationObject: results.fromConfigurationObject(result) }),
  },
  SetPushSetupAlarm: { ...change, request: (r) => requests.toPushSetupAlarm(r.SetPushSetupAlarmRequestData) },
  SetPushSetupSms: { ...change, request: (r) => requests.toPushSetupSms(r.SetPushSetupSmsRequestData) },
  SetPushSetupLastGasp: { ...change, request: (r) => requests.toPushSetupLastGasp(r.SetPushSetupLastGaspRequestData) },
  SetPushSetupUdp: { ...change, request: nothing },
  SetAlarmNotifications: {
    ...change,
    request: (r) => requests.toAlarmNotifications(r.SetAlarmNotificationsRequestData),
  },
  SetActivityCalendar: {
    ...change,
    request: (r) => toActivityCalendar(r.ActivityCalendarData),
    response: results.fromActivityCalendar,
  },
  GetAdministrativeStatus: { request: nothing, response: ({ status }) => ({ Enabled: status }) },
  SetAdministrativeStatus: { ...change, request: (r) => ({ status: r.Enabled }) },
  SetClockConfiguration: { ...change, request: (r) => requests.toClockConfiguration(r.SetClockConfigurationData) },
  ConfigureDefinableLoadProfile: {
    ...change,
    request: (r) => requests.toDefinableLoadProfile(r.DefinableLoadProfileConfigurationData),
  },
  SetRandomisationSettings: {
    ...change,
    request: (r) => requests.toRandomisationSettings(r.SetRandomisationSettingsData),
  },
  SetThdConfiguration: { ...change, request: (r) => requests.toThdConfiguration(r.SetThdConfigurationRequestData) },
});

const firmware = mappings("sm-configuration", {
  GetFirmwareVersion: {
    request: nothing,
    response: (result) => ({ Result: "OK", FirmwareVersion: results.fromFirmwareVersions(result) }),
  },
  GetFirmwareVersionGas: {
    request: nothing,
    response: (result) => ({ Result: "OK", FirmwareVersion: results.fromGasFirmwareVersion(result) }),
  },
  UpdateFirmware: {
    request: (r) => ({ firmwareIdentification: r.FirmwareIdentification }),
    response: done,
  },
});

const keys = mappings("sm-configuration", {
  SetKeyOnGMeter: { ...change, request: (r) => requests.toKeyOnGMeter(r.SetKeyOnGMeterRequestData) },
  SetMbusUserKeyByChannel: { ...change, request: (r) => requests.toChannel(r.SetMbusUserKeyByChannelRequestData) },
  GetMbusEncryptionKeyStatus: {
    request: nothing,
    response: ({ status }) => ({ Result: "OK", EncryptionKeyStatus: status }),
  },
  GetMbusEncryptionKeyStatusByChannel: {
    device: (r) => r.GatewayDeviceIdentification,
    request: (r) => requests.toChannel(r.GetMbusEncryptionKeyStatusByChannelRequestData),
    response: ({ status }) => ({ Result: "OK", EncryptionKeyStatus: status }),
  },
  ReplaceKeys: { request: (r) => requests.toReplaceKeys(r.SetKeysRequestData), response: done },
  GenerateAndReplaceKeys: { ...change, request: nothing },
  GetKeys: {
    request: (r) => ({ secretTypes: r.GetKeysData.secretTypes }),
    response: (result) => ({ Result: "OK", GetKeysResponseData: results.fromKeys(result) }),
  },
});

/** Every operation of the configuration service that runs on a device. */
export const CONFIGURATION_OPERATIONS = [...settings, ...firmware, ...keys];
