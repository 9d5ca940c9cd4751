import type { SecretType } from "../domain/device.ts";
import type { NewLogEntry } from "./message-log.ts";

/**
 * NEW: stored, not yet in use by the device. ACTIVE: in use. EXPIRED: was in use. WITHDRAWN: never came into use.
 */
export type SecretState = "NEW" | "ACTIVE" | "EXPIRED" | "WITHDRAWN";

/** A secret as it lies in the database. */
export interface SealedSecret {
  readonly id: string;
  readonly device: string;
  readonly type: SecretType;
  /** The key-encryption key that wraps the data key. */
  readonly kekId: string;
  readonly wrappedKey: Uint8Array;
  readonly sealed: Uint8Array;
}

/** Who reads a secret, when and what for. */
export interface SecretRead {
  /** Epoch milliseconds. */
  readonly readMs: number;
  readonly device: string;
  readonly type: SecretType;
  readonly state: "NEW" | "ACTIVE";
  readonly purpose: string;
  readonly correlationUid: string | null;
}

/** A read that was written down. */
export interface RecordedRead extends Omit<SecretRead, "state"> {
  readonly secretId: string;
}

/** Sealed secrets of devices, their states, and who read them. Times in epoch milliseconds. */
export interface SecretsStore {
  /**
   * Finds secrets, all or none, and writes down that they were read, with the evidence of it. Both are durable when this
   * resolves, so nobody gets to use a secret without. Reads that are asked for at the same time go in one transaction.
   * @returns the secrets in the order of the reads, or the first type that there is none of: then nothing was written
   */
  read(
    reads: readonly SecretRead[],
    evidence: NewLogEntry,
  ): Promise<{ readonly secrets: readonly SealedSecret[] } | { readonly missing: SecretType }>;
  /** The secrets of a type that the device has or may have had: all but the one that is to be used next. */
  formerly(device: string, type: SecretType): Promise<SealedSecret[]>;
  /** Those of the types that the device has a secret of in this state. */
  typesIn(device: string, state: "NEW" | "ACTIVE"): Promise<SecretType[]>;
  /**
   * Stores secrets as NEW, all or none; what was NEW of the same types is withdrawn.
   * @param broughtBy action of a request that brings them, null for none
   */
  insertNew(secrets: readonly SealedSecret[], nowMs: number, broughtBy: string | null): Promise<void>;
  /** What an action of a request brought for a device, and what became of it. */
  broughtBy(device: string, action: string): Promise<{ readonly type: SecretType; readonly state: SecretState }[]>;
  /** Stores secrets as ACTIVE, all or none: what was active expires, what was new is withdrawn. */
  insertActive(secrets: readonly SealedSecret[], nowMs: number): Promise<void>;
  /**
   * Makes the NEW secrets of these types ACTIVE and the ACTIVE ones EXPIRED, all or none.
   * @returns the first type that has no NEW secret, and then nothing changed
   */
  activate(device: string, types: readonly SecretType[], nowMs: number): Promise<SecretType | undefined>;
  /** Reads of a device's secrets, oldest first. */
  reads(device: string): Promise<RecordedRead[]>;
  /** The key-encryption keys that secrets still need. */
  kekIds(): Promise<string[]>;
  /**
   * Secrets whose data key another key than `kekId` wraps, by their ids.
   * @param after only such with a greater id; every id is greater than the empty text
   */
  notWrappedBy(kekId: string, limit: number, after: string): Promise<SealedSecret[]>;
  /** Stores data keys that were wrapped anew, and the evidence of it. The secrets themselves stay as they are. */
  rewrap(
    secrets: readonly Pick<SealedSecret, "id" | "kekId" | "wrappedKey">[],
    evidence: readonly NewLogEntry[],
  ): Promise<void>;
}
