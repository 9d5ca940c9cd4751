import type { Coupling, LifecycleStatus, SecretType } from "../../domain/device.ts";
import type { SecretPurpose, SecretVault } from "../../domain/family-ports.ts";
import type { FirmwareImage, FirmwareTransfer } from "../../domain/firmware.ts";
import type { CommunicationSettings } from "../../operations/management/set-device-communication-settings.ts";
import type { SecurityFlags } from "./device.ts";

/** One of the secrets that are read together. NEW: to be used next; ACTIVE: in use. */
export interface WantedSecret {
  readonly type: SecretType;
  readonly state: "NEW" | "ACTIVE";
}

/** Keys and passwords of devices. */
export interface SecretStore extends Pick<SecretVault, "getActive"> {
  /**
   * Several in one read, all or none, in the order in which they are wanted.
   * @throws MetergateError KEY_NOT_PRESENT that names the first that there is none of
   */
  getTogether(device: string, wanted: readonly WantedSecret[], purpose: SecretPurpose): Promise<Uint8Array[]>;
}

/** Invocation counters of our side, one per device; see `devices/invocation-counters.ts`. */
export interface CounterStore {
  /** The next value to use, or null when it was never known. */
  current(device: string): Promise<number | null>;
  /**
   * Takes up to `count` values that nobody else gets; stored before it returns.
   * @throws MetergateError INVOCATION_COUNTER_EXHAUSTED when none is left
   */
  reserve(device: string, count: number): Promise<{ readonly from: number; readonly to: number }>;
  /**
   * As `reserve`, for a counter that was known before.
   * @returns undefined when it never was, and it still is not
   */
  reserveKnown(device: string, count: number): Promise<{ readonly from: number; readonly to: number } | undefined>;
  /**
   * As `reserve`, at `from` or above and without moving the counter: for a value that the device has yet to prove.
   * @throws MetergateError ILLEGAL_RESPONSE when `from` is no counter, or the device told too many
   */
  lend(device: string, from: number, count: number): Promise<{ readonly from: number; readonly to: number }>;
  /**
   * Begins anew at `value` under an encryption key that was never used, unless the counter is not `from` any more.
   * @returns whether it begins anew
   */
  restart(device: string, value: number, from: number): Promise<boolean>;
  /**
   * Takes over a value that the device reports, if it is higher or none was known.
   * @returns whether it was higher
   * @throws MetergateError ATTEMPT_TO_LOWER_INVOCATION_COUNTER when it is lower
   */
  raise(device: string, value: number): Promise<boolean>;
}

/** What a conversation with a device teaches about it. */
export interface DeviceRecords {
  /** @param timezone IANA name that dates in later requests are converted to */
  setTimezone(device: string, timezone: string): Promise<void>;
  /** Flags that are absent keep their value. */
  setSecurity(device: string, flags: Partial<SecurityFlags>): Promise<void>;
  /** How the meter is talked to from the next conversation on. */
  setCommunication(device: string, settings: CommunicationSettings): Promise<void>;
  setLifecycleStatus(device: string, status: LifecycleStatus): Promise<void>;
  /**
   * What an M-Bus device is behind from now on; undefined for nothing any more.
   * @param correlationUid of the request that says so
   */
  couple(device: string, gateway: Coupling | undefined, correlationUid: string): Promise<void>;
  /**
   * Versions that the device has just told; those of other modules stay. They are kept soon, and before whatever is
   * stored after this call; nobody waits for it.
   */
  learnFirmwareVersions(
    device: string,
    versions: readonly { readonly module: string; readonly version: string }[],
  ): void;
}

/** Images, and transfers that were begun and not ended: one per meter. */
export interface FirmwareStore {
  find(identification: string): Promise<FirmwareImage | undefined>;
  transfer(device: string): Promise<FirmwareTransfer | undefined>;
  saveTransfer(transfer: FirmwareTransfer): Promise<void>;
  endTransfer(device: string): Promise<void>;
}
