import type { Device, SecretType } from "../../domain/device.ts";
import type { PlatformKeys, SecretPurpose, SecretVault } from "../../domain/family-ports.ts";
import type { MbusIdentity } from "../../operations/mbus.ts";
import type { SecretStore } from "./ports.ts";

/** Secrets that come and go. */
export interface KeyStore extends SecretStore, SecretVault {
  /** Whether the device has or may have had the new secret of a type before. */
  hadBefore(device: string, type: SecretType, purpose: SecretPurpose): Promise<boolean>;
  /** Makes random keys of 16 octets and stores them as new. */
  generateAndStoreNew(device: string, types: readonly SecretType[], action: string): Promise<void>;
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
  readonly platformKeys: Pick<PlatformKeys, "openKey">;
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
