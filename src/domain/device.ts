/** The families of devices that adapters exist for. */
export const DEVICE_FAMILIES = ["dlms", "smart-energy", "ekm", "egauge"] as const;
export type DeviceFamily = (typeof DEVICE_FAMILIES)[number];

/** Protocol name and version of a DLMS device: the companion standard it follows. */
export interface DeviceProtocol {
  readonly name: string;
  readonly version: string;
}

/** Protocols and versions of DLMS devices that profiles exist for. */
export const DLMS_PROTOCOLS = {
  DSMR: ["2.2", "4.2.2"],
  SMR: ["4.3", "5.0.0", "5.1", "5.2", "5.5"],
} as const;

/** How an association with a DLMS meter is secured; the record's flags decide, first match from the strongest. */
export interface SecurityFlags {
  readonly hls5Active: boolean;
  readonly hls4Active: boolean;
  readonly hls3Active: boolean;
  readonly lls1Active: boolean;
}

/** What is needed to reach a DLMS meter over TCP. */
export interface DlmsAddress {
  readonly host: string;
  /** TCP port 1 … 65535. */
  readonly port: number;
  /** Logical device id: destination wPort, or the upper part of the HDLC server address. */
  readonly logicalDevice: number;
  /** Physical device, the lower part of the HDLC server address; absent when the address leads to one device. */
  readonly physicalDevice?: number | undefined;
  /** HDLC frames over TCP instead of the wrapper. */
  readonly useHdlc: boolean;
  /** Short-name referencing instead of logical names. */
  readonly useSn: boolean;
  /** Octets of our challenge, 8 … 64. */
  readonly challengeLength: number;
  /** Most attributes in one with-list request; 1 means single requests. */
  readonly withListMax: number;
  readonly selectiveAccessSupported: boolean;
  /** Measures three phases; otherwise, or when it is not known, one. */
  readonly polyphase?: boolean | undefined;
}

/** M-Bus identity of a gas, water or heat meter. */
export interface MbusIdentity {
  /** Eight digits. */
  readonly identificationNumber: string;
  /** Three letters. */
  readonly manufacturerIdentification: string;
  readonly version: number;
  readonly deviceType: number;
}

/** A device as the inventory knows it. Keys are not here: they are in the vault. */
export interface Device {
  /** Device identification of the contract, 16 to 40 letters and digits. */
  readonly identification: string;
  readonly family: DeviceFamily;
  readonly protocol: DeviceProtocol;
  /** IANA zone for dates in requests. */
  readonly timezone: string;
  readonly security: SecurityFlags;
  /** Present for devices that are reached over DLMS themselves. */
  readonly dlms?: DlmsAddress | undefined;
  /** M-Bus devices: the electricity meter in front of them, and the channel there. */
  readonly gateway?: { readonly device: string; readonly channel: number } | undefined;
  readonly mbus?: MbusIdentity | undefined;
  /** Model code, for firmware checks. */
  readonly model?: string | undefined;
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

/** Kinds of secrets in the vault: those that the contract can name, and passwords. */
export const VAULT_SECRET_TYPES = [...SECRET_TYPES, "PPP_PASSWORD", "LLS_PASSWORD"] as const;
export type SecretType = (typeof VAULT_SECRET_TYPES)[number];

/** What an organisation can be authorised for on a device (contract names). OWNER covers every operation. */
export const FUNCTION_GROUPS = [
  "OWNER",
  "INSTALLATION",
  "AD_HOC",
  "MANAGEMENT",
  "FIRMWARE",
  "SCHEDULING",
  "TARIFF_SCHEDULING",
  "CONFIGURATION",
  "MONITORING",
  "METADATA_MANAGEMENT",
] as const;
export type FunctionGroup = (typeof FUNCTION_GROUPS)[number];

/** An organisation's right on a device. */
export interface Authorisation {
  readonly organisation: string;
  readonly functionGroup: FunctionGroup;
}
