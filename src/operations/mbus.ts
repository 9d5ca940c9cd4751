import type { Channel } from "./values.ts";

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
