import type { SecretType } from "../domain/device.ts";
import type { NewLogEntry } from "./message-log.ts";

/** A push as it is kept. */
export interface StoredPush {
  readonly correlationUid: string;
  /** The organisation that owns the device. */
  readonly organisation: string;
  readonly device: string;
  /** Epoch milliseconds. */
  readonly receivedMs: number;
  readonly alarms: readonly string[];
  readonly description: string;
  /** The message as it came. */
  readonly message: Uint8Array;
}

/** The invocation counter of a ciphered push, and the active key of the device that it was used with. */
export interface PushCounter {
  readonly device: string;
  readonly key: SecretType;
  /** 0 … 2^32 − 1 */
  readonly counter: number;
}

/** A push of a device that is unknown or nobody's, or one that was refused. */
export interface UnknownPush {
  /** Who sent it: IPv4 address or IPv6 network. */
  readonly source: string;
  /** Device identification as the push says. */
  readonly device: string;
  /** Epoch milliseconds. */
  readonly receivedMs: number;
  readonly description: string;
}

/** All pushes of one device from one source. */
export interface UnknownPushes {
  readonly source: string;
  /** Empty for all devices of the source beyond the first few. */
  readonly device: string;
  readonly pushes: number;
  /** Epoch milliseconds. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The latest one in words. */
  readonly description: string;
}

/** What devices sent unasked, kept until retention. */
export interface PushesStore {
  /**
   * Writes a push down together with the evidence of it.
   * @param push undefined for one that is evidence only
   * @param counter of a ciphered push
   * @returns false when a counter as high came before under this key: a replay, of which nothing is kept
   */
  keep(push: StoredPush | undefined, entries: readonly NewLogEntry[], counter?: PushCounter): Promise<boolean>;
  find(correlationUid: string): Promise<StoredPush | undefined>;
  /** The newest pushes first. One whose alarms cannot be read has none, and its description says so. */
  list(limit: number): Promise<StoredPush[]>;
  /** Deletes what was received before `beforeMs` (epoch milliseconds), at most `limit`; gives how many there were. */
  purge(beforeMs: number, limit: number): Promise<number>;
  /**
   * Counts a push that we do not know the device of. No evidence: only a few devices of a source are told apart, only a
   * thousand rows are kept, and nobody vouches for them.
   */
  countUnknown(push: UnknownPush): Promise<void>;
  /** The latest first. */
  listUnknown(limit: number): Promise<UnknownPushes[]>;
}
