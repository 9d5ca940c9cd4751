import type { Device } from "../domain/device.ts";
import type { Channel } from "./values.ts";

export type EncryptionKeyStatus =
  | "NO_ENCRYPTION_KEY"
  | "ENCRYPTION_KEY_SET"
  | "ENCRYPTION_KEY_TRANSFERRED"
  | "ENCRYPTION_KEY_SET_AND_TRANSFERRED"
  | "ENCRYPTION_KEY_IN_USE";

/** What an electricity meter says of one of its M-Bus channels. */
export interface ChannelValues extends MbusShortId {
  /** On the bus, 0 for none. */
  readonly primaryAddress: number;
}

export interface MbusShortId {
  readonly channel: Channel;
  /** Eight digits; a text that says why when the meter's value is no number. */
  readonly identificationNumber: string;
  /** Three letters, empty when none. */
  readonly manufacturerIdentification: string;
  readonly versionIdentification: number;
  readonly deviceTypeIdentification: number;
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

/** Who a device is on an M-Bus, as the record of its family tells as `mbus`; undefined for all that are on none. */
export function mbusOf(device: Device): MbusIdentity | undefined {
  return (device as { readonly mbus?: MbusIdentity | undefined }).mbus;
}
