import type { SecretType } from "../../domain/device.ts";

/** Who reads a secret, for the audit. */
export interface SecretPurpose {
  /** A few words, e.g. "login". */
  readonly purpose: string;
  readonly correlationUid?: string | undefined;
}

/** Passwords of meters. */
export interface SecretStore {
  /** The secret in use, or null when there is none. */
  getActive(device: string, type: SecretType, purpose: SecretPurpose): Promise<Uint8Array | null>;
}
