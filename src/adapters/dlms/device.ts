import type { Device } from "../../domain/device.ts";
import type { MbusIdentity } from "../../operations/mbus.ts";
import { SECRET_TYPES } from "../../operations/secret-types.ts";

/** How an association with a DLMS meter is secured; the record's flags decide, first match from the strongest. */
export interface SecurityFlags {
  readonly hls5Active: boolean;
  readonly hls4Active: boolean;
  readonly hls3Active: boolean;
  readonly lls1Active: boolean;
}

/** What is needed to reach a DLMS meter over TCP. */
export interface DlmsAddress {
  /** Absent as long as nobody knows it. */
  readonly host?: string | undefined;
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
  /** False: the address may be another one by now; see whoever wakes such devices. Static when absent. */
  readonly ipAddressIsStatic?: boolean | undefined;
  /** Measures three phases; otherwise, or when it is not known, one. */
  readonly polyphase?: boolean | undefined;
}

/** How the pushes of a meter must be protected at least; weaker ones are refused. */
export const PUSH_SECURITIES = ["authenticated", "encrypted", "authenticated-and-encrypted"] as const;
export type PushSecurity = (typeof PUSH_SECURITIES)[number];

/** A DLMS meter, or an M-Bus device behind one, as the inventory knows it. */
export interface DlmsDevice extends Device {
  readonly security: SecurityFlags;
  /** Present for devices that are reached over DLMS themselves. */
  readonly dlms?: DlmsAddress | undefined;
  /** Present for devices on the M-Bus of an electricity meter. */
  readonly mbus?: MbusIdentity | undefined;
  /** The mobile network that its modem is for, when that is known. */
  readonly communicationMethod?: CommunicationMethod | undefined;
  /** Who runs that network, and the identity of the SIM card in it: how a meter without a fixed address is found. */
  readonly communicationProvider?: string | undefined;
  readonly iccId?: string | undefined;
  /** What the meter calls itself in ciphered messages: 16 capital hexadecimal digits. */
  readonly systemTitle?: string | undefined;
  /** When absent, pushes may come in clear, and those that are ciphered must be authenticated and encrypted. */
  readonly pushSecurity?: PushSecurity | undefined;
}

export const COMMUNICATION_METHODS = ["CDMA", "GPRS", "LTE"] as const;
export type CommunicationMethod = (typeof COMMUNICATION_METHODS)[number];

/** The record of a device of this family has these fields: what the family's schema lets into the inventory. */
export function asDlmsDevice(device: Device): DlmsDevice {
  return device as DlmsDevice;
}

/** Kinds of secrets of DLMS meters and M-Bus devices: those that the contract can name, and passwords. */
export const DLMS_SECRET_TYPES = [...SECRET_TYPES, "PPP_PASSWORD", "LLS_PASSWORD"] as const;
export type DlmsSecretType = (typeof DLMS_SECRET_TYPES)[number];
