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
