import type { Device, MbusIdentity, SecretType } from "../../domain/device.ts";
import type { Hex } from "../../lib/bytes.ts";
import type { SecretPurpose, SecretStore } from "./ports.ts";

/** Secrets that come and go; `devices/key-vault.ts` has the rules. NEW: stored, not yet in use by the device. */
export interface KeyStore extends SecretStore {
  /** The secret that is to be used next, or null when there is none. */
  getNew(device: string, type: SecretType, purpose: SecretPurpose): Promise<Uint8Array | null>;
  /** Whether the device has or may have had the new secret of a type before. */
  hadBefore(device: string, type: SecretType, purpose: SecretPurpose): Promise<boolean>;
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
  /** Makes random keys of 16 octets and stores them as new. */
  generateAndStoreNew(device: string, types: readonly SecretType[], action: string): Promise<void>;
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

/** Lets one key change at a time work on a device, among all processes. */
export interface KeyProcessing {
  /**
   * @param run that the key change belongs to: it ends with the run's lease at the latest
   * @returns a function that ends the key change, or null when another run's is under way
   */
  acquire(device: string, run: KeyChangingRun): Promise<(() => Promise<void>) | null>;
}

/** One attempt at a request. */
export interface KeyChangingRun {
  readonly correlationUid: string;
  readonly attempt: number;
}

/** What changing keys takes. */
export interface KeyPorts {
  readonly vault: KeyStore;
  readonly keyProcessing: KeyProcessing;
  /** The key pair that callers seal keys for. */
  readonly platformKeys: {
    /**
     * @param sealed RSA-OAEP ciphertext as hexadecimal digits
     * @returns 16 octets
     * @throws MetergateError DECRYPTION_EXCEPTION, INVALID_KEY_FORMAT
     */
    openKey(sealed: Hex): Uint8Array;
  };
  readonly inventory: {
    find(identification: string): Promise<Device | undefined>;
    /** The devices that are behind this one. */
    behind(gateway: string): Promise<readonly Device[]>;
    /** @throws MetergateError UNKNOWN_DEVICE when there is none, or more than one. */
    findMbusDevice(
      identity: Pick<MbusIdentity, "identificationNumber" | "manufacturerIdentification">,
    ): Promise<Device>;
  };
}
