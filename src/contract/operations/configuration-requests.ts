import { MetergateError } from "../../domain/errors.ts";
import { toHex } from "../../lib/bytes.ts";
import type { ConfigurationObject } from "../../operations/configuration-object.ts";
import type { OperationRequest } from "../../operations/registry.ts";
import type { smConfiguration as wire } from "../generated/index.ts";
import { inRange, toCaptureObject, toDestination } from "./values.ts";

/*
 * One function per …RequestData of the configuration schema, which requests and bundles have in common.
 */

const UINT16_MAX = 0xffff;
const UINT32_MAX = 0xffff_ffff;

export function toSpecialDays({ SpecialDays }: wire.SpecialDaysRequestData): OperationRequest<"SetSpecialDays"> {
  return { specialDays: SpecialDays.map(({ specialDayDate, dayId }) => ({ date: toHex(specialDayDate), dayId })) };
}

export function toConfigurationObject({
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

/** The destination counts only when host and port are both there, as it always did. */
export function toPushSetupAlarm({
  PushSetupAlarm: { Host, Port, PushObjectList },
}: wire.SetPushSetupAlarmRequestData): OperationRequest<"SetPushSetupAlarm"> {
  return {
    ...(Host !== undefined && Port !== undefined && { destination: toDestination(Host, Port) }),
    ...(PushObjectList.length > 0 && { pushObjects: PushObjectList.map(toCaptureObject) }),
  };
}

export function toPushSetupSms({
  PushSetupSms: { Host, Port },
}: wire.SetPushSetupSmsRequestData): OperationRequest<"SetPushSetupSms"> {
  return { destination: toDestination(Host, Port) };
}

export function toPushSetupLastGasp({
  PushSetupLastGasp: { Host, Port },
}: wire.SetPushSetupLastGaspRequestData): OperationRequest<"SetPushSetupLastGasp"> {
  return { destination: toDestination(Host, Port) };
}

export function toAlarmNotifications({
  AlarmNotifications,
}: wire.SetAlarmNotificationsRequestData): OperationRequest<"SetAlarmNotifications"> {
  return {
    notifications: AlarmNotifications.AlarmNotification.map(({ AlarmType, Enabled }) => ({
      alarm: AlarmType,
      enabled: Enabled,
    })),
  };
}

export function toKeyOnGMeter({
  MbusDeviceIdentification,
  SecretType,
  CloseOpticalPort = false,
}: wire.SetKeyOnGMeterRequestData): OperationRequest<"SetKeyOnGMeter"> {
  return { mbusDevice: MbusDeviceIdentification, secretType: SecretType, closeOpticalPort: CloseOpticalPort };
}

export function toChannel({ Channel }: wire.SetMbusUserKeyByChannelRequestData): { readonly channel: number } {
  return { channel: Channel };
}

export function toReplaceKeys({
  AuthenticationKey,
  EncryptionKey,
}: wire.SetKeysRequestData): OperationRequest<"ReplaceKeys"> {
  return { authenticationKey: toHex(AuthenticationKey), encryptionKey: toHex(EncryptionKey) };
}

export function toClockConfiguration(
  data: wire.SetClockConfigurationRequestData,
): OperationRequest<"SetClockConfiguration"> {
  return {
    timeZoneOffsetMinutes: data.TimeZoneOffset,
    daylightSavingsBegin: toHex(data.DaylightSavingsBegin),
    daylightSavingsEnd: toHex(data.DaylightSavingsEnd),
    daylightSavingsEnabled: data.DaylightSavingsEnabled,
  };
}

export function toDefinableLoadProfile({
  CaptureObjects,
  CapturePeriod,
}: wire.DefinableLoadProfileConfigurationData): OperationRequest<"ConfigureDefinableLoadProfile"> {
  return {
    ...(CaptureObjects && { captureObjects: CaptureObjects.CaptureObject.map(toCaptureObject) }),
    ...(CapturePeriod !== undefined && { capturePeriodS: CapturePeriod }),
  };
}

/** @throws MetergateError VALIDATION_ERROR when directAttach is neither 0 nor 1. */
export function toRandomisationSettings({
  directAttach,
  ...settings
}: wire.SetRandomisationSettingsRequestData): OperationRequest<"SetRandomisationSettings"> {
  if (directAttach !== 0 && directAttach !== 1) {
    throw new MetergateError("VALIDATION_ERROR", `directAttach must be 0 or 1, not ${directAttach}`);
  }
  return { directAttach: directAttach === 1, ...settings };
}

/** Ranges are those of the meter's data types: double-long-unsigned for seconds, long-unsigned for percents. */
export function toThdConfiguration(data: wire.SetThdConfigurationRequestData): OperationRequest<"SetThdConfiguration"> {
  return {
    minDurationNormalToOverS: inRange("MinDurationNormalToOver", data.MinDurationNormalToOver, 0, UINT32_MAX),
    minDurationOverToNormalS: inRange("MinDurationOverToNormal", data.MinDurationOverToNormal, 0, UINT32_MAX),
    timeThresholdS: inRange("TimeThreshold", data.TimeThreshold, 0, UINT32_MAX),
    valueHysteresisPercent: inRange("ValueHysteresis", data.ValueHysteresis, 0, UINT16_MAX),
    valueThresholdPercent: inRange("ValueThreshold", data.ValueThreshold, 0, UINT16_MAX),
  };
}
