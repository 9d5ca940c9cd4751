import type { ObisCode } from "../lib/obis.ts";

/** Octets as upper-case hexadecimal digits: what an action carries must survive JSON in the store. */
export type Hex = string;
/** COSEM date, 5 octets (year, month, day of month, day of week), with the wildcards of the Blue Book. */
export type CosemDateHex = Hex;
/** COSEM time, 4 octets. */
export type CosemTimeHex = Hex;
/** COSEM date-time, 12 octets. */
export type CosemDateTimeHex = Hex;

/** M-Bus channel of an electricity meter, 1 … 4. */
export type Channel = number;

export interface SpecialDay {
  readonly date: CosemDateHex;
  readonly dayId: number;
}

export type AdministrativeStatus = "UNDEFINED" | "OFF" | "ON";

export interface FirmwareVersion {
  readonly module:
    | "ACTIVE_FIRMWARE"
    | "MODULE_ACTIVE_FIRMWARE"
    | "COMMUNICATION_MODULE_ACTIVE_FIRMWARE"
    | "M_BUS_DRIVER_ACTIVE_FIRMWARE"
    | "SIMPLE_VERSION_INFO";
  readonly version: string;
}

export const CONFIGURATION_FLAGS = [
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
  "DIRECT_ATTACH_AT_POWER_ON",
  "HLS_6_ON_P3_ENABLE",
  "HLS_7_ON_P3_ENABLE",
  "HLS_6_ON_P0_ENABLE",
  "HLS_7_ON_P0_ENABLE",
] as const;
export type ConfigurationFlag = (typeof CONFIGURATION_FLAGS)[number];
export type GprsOperationMode = "ALWAYS_ON" | "TRIGGERED";

export interface ConfigurationObject {
  readonly gprsOperationMode?: GprsOperationMode | undefined;
  /** Flags that are named; in a request the others keep the meter's value. */
  readonly flags: readonly { readonly flag: ConfigurationFlag; readonly enabled: boolean }[];
}

export interface CaptureObject {
  readonly classId: number;
  readonly logicalName: ObisCode;
  readonly attribute: number;
  readonly dataIndex: number;
}

export interface DayProfile {
  readonly dayId: number;
  readonly actions: readonly { readonly startTime: CosemTimeHex; readonly scriptSelector: number }[];
}

export interface WeekProfile {
  readonly name: string;
  /** Monday first. */
  readonly days: readonly [DayProfile, DayProfile, DayProfile, DayProfile, DayProfile, DayProfile, DayProfile];
}

export interface ActivityCalendar {
  readonly name: string;
  readonly activatePassiveCalendarTime: CosemDateTimeHex;
  readonly seasons: readonly { readonly name: string; readonly start: CosemDateTimeHex; readonly week: WeekProfile }[];
}

/** Who a push goes to. */
export interface PushDestination {
  readonly host: string;
  /** 1 … 65535 */
  readonly port: number;
}

export const SECRET_TYPES = [
  "E_METER_MASTER_KEY",
  "E_METER_AUTHENTICATION_KEY",
  "E_METER_ENCRYPTION_KEY_UNICAST",
  "E_METER_ENCRYPTION_KEY_BROADCAST",
  "G_METER_MASTER_KEY",
  "G_METER_ENCRYPTION_KEY",
  "G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY",
  "G_METER_OPTICAL_PORT_KEY",
] as const;
/** Secrets that the contract can name. */
export type ContractSecretType = (typeof SECRET_TYPES)[number];

export type EncryptionKeyStatus =
  | "NO_ENCRYPTION_KEY"
  | "ENCRYPTION_KEY_SET"
  | "ENCRYPTION_KEY_TRANSFERRED"
  | "ENCRYPTION_KEY_SET_AND_TRANSFERRED"
  | "ENCRYPTION_KEY_IN_USE";

export interface MbusShortId {
  readonly channel: Channel;
  /** Eight digits; a text that says why when the meter's value is no number. */
  readonly identificationNumber: string;
  /** Three letters, empty when none. */
  readonly manufacturerIdentification: string;
  readonly versionIdentification: number;
  readonly deviceTypeIdentification: number;
}

/** Access modes of attributes; positions are the numbers on the wire of the meter (Blue Book, class 15, access_mode). */
export const ATTRIBUTE_ACCESS_MODES = [
  "NO_ACCESS",
  "READ_ONLY",
  "WRITE_ONLY",
  "READ_AND_WRITE",
  "AUTHENTICATED_READ_ONLY",
  "AUTHENTICATED_WRITE_ONLY",
  "AUTHENTICATED_READ_AND_WRITE",
] as const;

export interface AssociationLnElement {
  readonly classId: number;
  readonly version: number;
  readonly logicalName: ObisCode;
  readonly attributes: readonly { readonly id: number; readonly mode: number; readonly selectors: readonly number[] }[];
  readonly methods: readonly { readonly id: number; readonly mode: number }[];
}

/** What an operation that only changes something gives back. */
export type Done = Record<never, never>;

/**
 * Every operation that runs on a device: what it is asked and what it answers.
 * Plain data (JSON keeps it), in the domain's words; the wire's words are in `contract/`.
 */
export interface Operations {
  SetSpecialDays: { request: { readonly specialDays: readonly SpecialDay[] }; result: Done };
  SetConfigurationObject: { request: ConfigurationObject; result: Done };
  GetConfigurationObject: { request: Done; result: ConfigurationObject };
  SetPushSetupAlarm: {
    request: {
      readonly destination?: PushDestination | undefined;
      readonly pushObjects?: readonly CaptureObject[] | undefined;
    };
    result: Done;
  };
  SetPushSetupSms: { request: { readonly destination: PushDestination }; result: Done };
  SetPushSetupLastGasp: { request: { readonly destination: PushDestination }; result: Done };
  SetPushSetupUdp: { request: Done; result: Done };
  SetAlarmNotifications: {
    request: { readonly notifications: readonly { readonly alarm: string; readonly enabled: boolean }[] };
    result: Done;
  };
  SetKeyOnGMeter: {
    request: {
      readonly mbusDevice: string;
      readonly secretType: ContractSecretType;
      readonly closeOpticalPort: boolean;
    };
    result: Done;
  };
  SetMbusUserKeyByChannel: { request: { readonly channel: Channel }; result: Done };
  GetMbusEncryptionKeyStatus: { request: Done; result: { readonly status: EncryptionKeyStatus } };
  GetMbusEncryptionKeyStatusByChannel: {
    request: { readonly channel: Channel };
    result: { readonly status: EncryptionKeyStatus };
  };
  SetActivityCalendar: {
    request: ActivityCalendar;
    result: { readonly device: string; readonly calendarName: string };
  };
  GetAdministrativeStatus: { request: Done; result: { readonly status: AdministrativeStatus } };
  SetAdministrativeStatus: { request: { readonly status: AdministrativeStatus }; result: Done };
  GetFirmwareVersion: { request: Done; result: { readonly versions: readonly FirmwareVersion[] } };
  GetFirmwareVersionGas: { request: Done; result: { readonly version: FirmwareVersion } };
  UpdateFirmware: { request: { readonly firmwareIdentification: string }; result: Done };
  /** Keys as they came: RSA-OAEP ciphertext, never in clear. */
  ReplaceKeys: { request: { readonly authenticationKey: Hex; readonly encryptionKey: Hex }; result: Done };
  GenerateAndReplaceKeys: { request: Done; result: Done };
  GetKeys: {
    request: { readonly secretTypes: readonly ContractSecretType[] };
    /** Sealed for the asking application's public key; null when the vault holds none of that type. */
    result: { readonly keys: readonly { readonly secretType: ContractSecretType; readonly sealed: Hex | null }[] };
  };
  SetClockConfiguration: {
    request: {
      /** −720 … 720 minutes, the sign of the meter: −60 for CET. */
      readonly timeZoneOffsetMinutes: number;
      readonly daylightSavingsBegin: CosemDateTimeHex;
      readonly daylightSavingsEnd: CosemDateTimeHex;
      readonly daylightSavingsEnabled: boolean;
    };
    result: Done;
  };
  ConfigureDefinableLoadProfile: {
    request: {
      readonly captureObjects?: readonly CaptureObject[] | undefined;
      /** Seconds; 0 means no automatic capture. */
      readonly capturePeriodS?: number | undefined;
    };
    result: Done;
  };
  SetRandomisationSettings: {
    request: {
      readonly directAttach: boolean;
      /** 1 … 65535 */
      readonly randomisationStartWindow: number;
      /** 1 … 7 */
      readonly multiplicationFactor: number;
      /** 1 … 31 */
      readonly numberOfRetries: number;
    };
    result: Done;
  };
  SetThdConfiguration: {
    request: {
      readonly minDurationNormalToOverS: number;
      readonly minDurationOverToNormalS: number;
      readonly timeThresholdS: number;
      readonly valueHysteresisPercent: number;
      readonly valueThresholdPercent: number;
    };
    result: Done;
  };
  SynchronizeTime: { request: { readonly timeZone: string }; result: Done };
  GetSpecificAttributeValue: {
    request: { readonly classId: number; readonly attribute: number; readonly logicalName: ObisCode };
    result: { readonly text: string };
  };
  GetAllAttributeValues: { request: Done; result: { readonly output: string } };
  GetAssociationLnObjects: { request: Done; result: { readonly objects: readonly AssociationLnElement[] } };
  ScanMbusChannels: { request: Done; result: { readonly channels: readonly MbusShortId[] } };
  TestAlarmScheduler: {
    request: { readonly scheduleTimeMs: number; readonly alarmType: "PARTIAL_POWER_OUTAGE" | "LAST_GASP" };
    result: Done;
  };
}

export type OperationName = keyof Operations;
export type OperationRequest<N extends OperationName> = Operations[N]["request"];
export type OperationResult<N extends OperationName> = Operations[N]["result"];

/** One thing to do on a device; a request carries one or, as a bundle, several. */
export type Action = {
  [N in OperationName]: { readonly operation: N; readonly request: OperationRequest<N> };
}[OperationName];

/** An action of a known operation. */
export type ActionOf<N extends OperationName> = Extract<Action, { operation: N }>;
