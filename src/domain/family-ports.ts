import type { Hex } from "../lib/bytes.ts";
import type { SecretType } from "./device.ts";
import type { Caller } from "./request.ts";

/** Who reads a secret, for the audit. */
export interface SecretPurpose {
  /** A few words, e.g. "association". */
  readonly purpose: string;
  readonly correlationUid?: string | undefined;
}

/** Keys and passwords of devices; `devices/key-vault.ts` has the rules. NEW: stored, not yet in use by the device. */
export interface SecretVault {
  /** The secret in use, or null when there is none. The octets are the caller's to keep short-lived. */
  getActive(device: string, type: SecretType, purpose: SecretPurpose): Promise<Uint8Array | null>;
  /** The secret that is to be used next, or null when there is none. */
  getNew(device: string, type: SecretType, purpose: SecretPurpose): Promise<Uint8Array | null>;
  /** Whether there is a new secret of one of these types. */
  hasNew(device: string, types: readonly SecretType[]): Promise<boolean>;
  /**
   * Stores secrets as new, all or none; older new ones of the same types are withdrawn.
   * @param action that brings them; see `broughtBy`
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
  /**
   * The device has taken the new secrets: they become active, the active ones expire, all or none.
   * @throws MetergateError KEY_NOT_PRESENT when a type has no new secret.
   */
  activate(device: string, types: readonly SecretType[]): Promise<void>;
}

/** The key pair that callers seal secrets for. */
export interface PlatformKeys {
  /**
   * @param sealed RSA-OAEP ciphertext as hexadecimal digits
   * @returns 16 octets
   * @throws MetergateError DECRYPTION_EXCEPTION, INVALID_KEY_FORMAT when it is not 16 octets
   */
  openKey(sealed: Hex): Uint8Array;
  /**
   * @param sealed RSA-OAEP ciphertext as hexadecimal digits
   * @throws MetergateError DECRYPTION_EXCEPTION
   */
  openSecret(sealed: Hex): Uint8Array;
}

/** A message between us and a device, to be kept. */
export interface DeviceMessage {
  readonly direction: "to-device" | "from-device";
  /** Name of the family, and of the step that the message belongs to. */
  readonly service: string;
  readonly operation: string;
  readonly device: string;
  readonly caller: Caller;
  readonly correlationUid: string;
  /** Without secrets; not changed afterwards. */
  readonly body: Uint8Array;
}

/** Messages of devices that are debugged. */
export interface DeviceMessages {
  /** Takes a message; it is written soon, after those that came before. */
  keep(message: DeviceMessage): void;
  /** Resolves when all that came so far is written, or cannot be. */
  kept(): Promise<void>;
}

/** What a conversation with a meter teaches about it. */
export interface MeterRecords {
  /** @param timezone IANA name that dates in later requests are converted to */
  setTimezone(device: string, timezone: string): Promise<void>;
  /** Versions that the meter has just told; those of other modules stay. */
  setFirmwareVersions(
    device: string,
    versions: readonly { readonly module: string; readonly version: string }[],
  ): Promise<void>;
}
