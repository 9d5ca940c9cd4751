import type { Leaf, LeafDraft, LogClass } from "../domain/log-leaf.ts";
import type { Tile } from "../domain/log-tree.ts";

/** An entry on its way into the log: all but its place there, and the hash that follows from the rest. */
export interface NewLogEntry {
  /** As text: thirteen members would each be named anew for every thread and process that it goes through. */
  readonly leaf: LeafDraft;
  /** 16 random octets, and behind them the payload: the message, with its secrets replaced if it has any. */
  readonly salted: Uint8Array;
  /** 16 random octets, when secrets were replaced: the salt of the message as it was. */
  readonly originalSalt?: Uint8Array | undefined;
}

/** An entry that has its place. */
export interface LoggedEntry {
  readonly leaf: Leaf;
  /** Undefined once the payload is erased. */
  readonly stored: Uint8Array | undefined;
  /** Goes with the payload; empty in entries of version 1, whose hashes have none. */
  readonly salt: Uint8Array | undefined;
  /** The salt of the message as it was, when secrets were replaced; goes with the payload. */
  readonly originalSalt: Uint8Array | undefined;
}

/** How many entries have come how far; each number is also the index of the next one. */
export interface LogPositions {
  /** Have their place. */
  readonly sequenced: number;
  /** Are in the tree. */
  readonly integrated: number;
  /** Are covered by a checkpoint that was signed: the size of the latest. */
  readonly signed: number;
}

/** A signed statement about the first `size` entries. */
export interface Checkpoint {
  readonly size: number;
  /** The C2SP signed note, with every signature that there is so far. */
  readonly note: string;
  readonly madeMs: number;
  /** RFC 3161 TimeStampResp over the SHA-256 of the note as it was then, if there is one. */
  readonly timestamp?: { readonly note: string; readonly response: Uint8Array } | undefined;
}

/** Which entries are looked for; what is absent does not matter. */
export interface LogQuery {
  readonly class?: LogClass | undefined;
  readonly organisation?: string | undefined;
  readonly device?: string | undefined;
  readonly correlationUid?: string | undefined;
  /** Epoch milliseconds: not before, and before. */
  readonly fromMs?: number | undefined;
  readonly beforeMs?: number | undefined;
  /** The index of the first entry that is not looked at any more. */
  readonly to?: number | undefined;
}

/** Payloads that must not be erased: those of entries that have all that is given here. */
export interface LogHold {
  readonly name: string;
  readonly reason: string;
  readonly sinceMs: number;
  readonly organisation?: string | undefined;
  readonly device?: string | undefined;
  readonly correlationUid?: string | undefined;
}

/**
 * The message log. An entry is written in the transaction of what it is evidence of; it gets its place, the index, when
 * it is put in sequence, and is then taken into the Merkle tree, whose tiles are kept beside it, and at last covered by a
 * checkpoint. A store with a single writer gives places in the transaction that writes. Sequencing, integrating and
 * signing are done by one party at a time, which may die anywhere: each call below happens whole or not at all.
 */
export interface MessageLogStore {
  /** Entries that go with nothing else; they stand next to each other in their order. */
  append(entries: readonly NewLogEntry[]): Promise<void>;
  /**
   * Puts up to `limit` entries in sequence that are not yet.
   * @returns how many it were: less than `limit` when none is left
   */
  sequence(limit: number): Promise<number>;
  /**
   * Takes up to `limit` sequenced entries into the tree that are not yet: their leaves are hashed (`entryOf`), and tiles
   * grow by it (`growTree`). For an index that has no entry any more, `MISSING_ENTRY` is taken.
   * @returns how many it were: less than `limit` when none is left
   */
  integrate(limit: number): Promise<number>;
  positions(): Promise<LogPositions>;
  /** Sequenced entries from index `from` on, in order. */
  read(from: number, limit: number): Promise<LoggedEntry[]>;
  /** The same without payloads: what is always there. */
  leaves(from: number, limit: number): Promise<Leaf[]>;
  /** Sequenced entries from index `from` on that fit, in order. It may have to look at all there are. */
  find(query: LogQuery, from: number, limit: number): Promise<LoggedEntry[]>;
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
  /** Tiles of one level (−1: entries) from number `from` on, in order; those at the right edge may not be full. */
  tiles(level: number, from: number, limit: number): Promise<Tile[]>;
  /** Keeps a checkpoint, in place of one of the same size. Its size is no more than what is integrated. */
  putCheckpoint(checkpoint: Checkpoint): Promise<void>;
  /** Checkpoints of size `from` and more, in order of their size. */
  checkpoints(from: number, limit: number): Promise<Checkpoint[]>;
  /** The one with the greatest size that is not above `size`. */
  checkpointUpTo(size: number): Promise<Checkpoint | undefined>;
  /**
   * Erases payload and salts of sequenced entries of a class from index `from` to before `to` that are older than
   * `beforeMs` and that no hold covers, and appends `entries`, which say so, in one transaction.
   * @returns how many payloads went
   */
  erase(
    range: { readonly class: LogClass; readonly from: number; readonly to: number; readonly beforeMs: number },
    entries: readonly NewLogEntry[],
  ): Promise<number>;
  /** Puts a hold in place of one of the same name, and appends `entries`. */
  putHold(hold: LogHold, entries: readonly NewLogEntry[]): Promise<void>;
  /** @returns whether there was one; `entries` are appended only then */
  removeHold(name: string, entries: readonly NewLogEntry[]): Promise<boolean>;
  /** By name. */
  holds(): Promise<LogHold[]>;
}
