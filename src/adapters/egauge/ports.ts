import type { SecretType } from "../../domain/device.ts";
import type { Caller } from "../../domain/request.ts";
import type { Hex } from "../../lib/bytes.ts";

/** Who reads a secret, for the audit. */
export interface SecretPurpose {
  /** A few words, e.g. "login". */
  readonly purpose: string;
  readonly correlationUid?: string | undefined;
}

/** Passwords of meters; `devices/key-vault.ts` has the rules. NEW: stored, not yet in use by the meter. */
export interface PasswordStore {
  /** The secret in use, or null when there is none. */
  getActive(device: string, type: SecretType, purpose: SecretPurpose): Promise<Uint8Array | null>;
  /** The secret that is to be used next, or null when there is none. */
  getNew(device: string, type: SecretType, purpose: SecretPurpose): Promise<Uint8Array | null>;
  /**
   * Stores a secret as new; an older new one is withdrawn.
   * @param action that brings it
   */
  storeNew(
    device: string,
    secrets: readonly { readonly type: SecretType; readonly value: Uint8Array }[],
    action: string,
  ): Promise<void>;
  /** What an action of a request brought for a device, and what became of it. */
  broughtBy(
    device: string,
    action: string,
  ): Promise<readonly { readonly type: SecretType; readonly state: "NEW" | "ACTIVE" | "EXPIRED" | "WITHDRAWN" }[]>;
  /** The meter has taken the new secret: it becomes active, the active one expires. */
  activate(device: string, types: readonly SecretType[]): Promise<void>;
}

/** The key pair that callers seal secrets for. */
export interface PlatformKeys {
  /** @throws MetergateError DECRYPTION_EXCEPTION, INVALID_KEY_FORMAT when it is not 16 octets */
  openKey(sealed: Hex): Uint8Array;
  /** @throws MetergateError DECRYPTION_EXCEPTION */
  openSecret(sealed: Hex): Uint8Array;
}

/** Messages of devices that are debugged. */
export interface DeviceMessages {
  /** Takes a message; it is written soon, after those that came before. */
  keep(message: {
    readonly direction: "to-device" | "from-device";
    readonly service: string;
    readonly operation: string;
    readonly device: string;
    readonly caller: Caller;
    readonly correlationUid: string;
    /** Without secrets; not changed afterwards. */
    readonly body: Uint8Array;
  }): void;
  /** Resolves when all that came so far is written, or cannot be. */
  kept(): Promise<void>;
}

/** What a conversation with a meter teaches about it. */
export interface DeviceRecords {
  /** @param timezone IANA name */
  setTimezone(device: string, timezone: string): Promise<void>;
  /** Versions that the device has just told; those of other modules stay. */
  setFirmwareVersions(
    device: string,
    versions: readonly { readonly module: string; readonly version: string }[],
  ): Promise<void>;
}
