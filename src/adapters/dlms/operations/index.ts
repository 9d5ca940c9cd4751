import type { KnownOperation } from "../../../operations/registry.ts";
import type { Operation } from "../operation.ts";
import { getAdministrativeStatus, setAdministrativeStatus } from "./administrative-status.ts";
import { setClockConfiguration, synchronizeTime } from "./clock.ts";
import { getConfigurationObject, setConfigurationObject } from "./configuration-object.ts";
import { configureDefinableLoadProfile } from "./configure-definable-load-profile.ts";
import { generateAndReplaceKeys } from "./generate-and-replace-keys.ts";
import { getAllAttributeValues } from "./get-all-attribute-values.ts";
import { getFirmwareVersion, getFirmwareVersionGas } from "./get-firmware-version.ts";
import { getKeys } from "./get-keys.ts";
import { getSpecificAttributeValue } from "./get-specific-attribute-value.ts";
import { getMbusEncryptionKeyStatus, getMbusEncryptionKeyStatusByChannel, scanMbusChannels } from "./mbus.ts";
import { getAssociationLnObjects } from "./object-list.ts";
import { setPushSetupAlarm, setPushSetupLastGasp, setPushSetupSms, setPushSetupUdp } from "./push-setup.ts";
import { replaceKeys } from "./replace-keys.ts";
import { setActivityCalendar } from "./set-activity-calendar.ts";
import { setAlarmNotifications } from "./set-alarm-notifications.ts";
import { setKeyOnGMeter, setMbusUserKeyByChannel } from "./set-key-on-g-meter.ts";
import { setRandomisationSettings } from "./set-randomisation-settings.ts";
import { setSpecialDays } from "./set-special-days.ts";
import { setThdConfiguration } from "./set-thd-configuration.ts";
import { testAlarmScheduler } from "./test-alarm-scheduler.ts";
import { updateFirmware } from "./update-firmware.ts";

/** Every operation on DLMS meters, by name. */
export const OPERATIONS: { readonly [N in KnownOperation]?: Operation<N> } = {
  SetSpecialDays: setSpecialDays,
  SetConfigurationObject: setConfigurationObject,
  GetConfigurationObject: getConfigurationObject,
  SetPushSetupAlarm: setPushSetupAlarm,
  SetPushSetupSms: setPushSetupSms,
  SetPushSetupLastGasp: setPushSetupLastGasp,
  SetPushSetupUdp: setPushSetupUdp,
  SetAlarmNotifications: setAlarmNotifications,
  SetKeyOnGMeter: setKeyOnGMeter,
  SetMbusUserKeyByChannel: setMbusUserKeyByChannel,
  GetMbusEncryptionKeyStatus: getMbusEncryptionKeyStatus,
  GetMbusEncryptionKeyStatusByChannel: getMbusEncryptionKeyStatusByChannel,
  SetActivityCalendar: setActivityCalendar,
  GetAdministrativeStatus: getAdministrativeStatus,
  SetAdministrativeStatus: setAdministrativeStatus,
  GetFirmwareVersion: getFirmwareVersion,
  GetFirmwareVersionGas: getFirmwareVersionGas,
  UpdateFirmware: updateFirmware,
  ReplaceKeys: replaceKeys,
  GenerateAndReplaceKeys: generateAndReplaceKeys,
  GetKeys: getKeys,
  SetClockConfiguration: setClockConfiguration,
  ConfigureDefinableLoadProfile: configureDefinableLoadProfile,
  SetRandomisationSettings: setRandomisationSettings,
  SetThdConfiguration: setThdConfiguration,
  SynchronizeTime: synchronizeTime,
  GetSpecificAttributeValue: getSpecificAttributeValue,
  GetAllAttributeValues: getAllAttributeValues,
  GetAssociationLnObjects: getAssociationLnObjects,
  ScanMbusChannels: scanMbusChannels,
  TestAlarmScheduler: testAlarmScheduler,
};
