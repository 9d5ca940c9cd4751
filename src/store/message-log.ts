import type { Leaf } from "../domain/log-leaf.ts";

/** An entry on its way into the log: all but its place there. */
export interface NewLogEntry {
  readonly leaf: Omit<Leaf, "index">;
  /** The message, with its secrets replaced if it has any. */
  readonly stored: Uint8Array;
}

/** An entry that has its place. */
export interface LoggedEntry {
  readonly leaf: Leaf;
  readonly stored: Uint8Array;
  /** 32 octets; see `hashLeaf`. */
  readonly leafHash: Uint8Array;
}

/**
 * The message log. An entry is written in the transaction of what it is evidence of, and gets its place, index and leaf
 * hash when it is put in sequence. A store with a single writer does that in the same transaction.
 */
export interface MessageLogStore {
  /** Entries that go with nothing else; they stand next to each other in their order. */
  append(entries: readonly NewLogEntry[]): Promise<void>;
  /**
   * Puts up to `limit` entries in sequence that are not yet.
   * @returns how many it were: less than `limit` when none is left
   */
  sequence(limit: number): Promise<number>;
  /** Sequenced entries from index `from` on, in order. */
  read(from: number, limit: number): Promise<LoggedEntry[]>;
  /**
   * Messages between us and a device, the newest first.
   * @param page.organisation only those that belong to it
   */
  ofDevice(
    device: string,
    page: { readonly offset: number; readonly limit: number; readonly organisation?: string | undefined },
  ): Promise<LoggedEntry[]>;
  /** How many `ofDevice` has in all. */
  countOfDevice(device: string, organisation?: string): Promise<number>;
  /** How many entries were ever put in sequence: the index that the next one will get. */
  size(): Promise<number>;
}
