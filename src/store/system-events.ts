import type { NewLogEntry } from "./message-log.ts";

/** Something about a device that the platform noticed by itself, as it is kept. */
export interface StoredSystemEvent {
  readonly correlationUid: string;
  /** The organisation that owns the device. */
  readonly organisation: string;
  readonly device: string;
  /** SystemEventType of the contract. */
  readonly type: string;
  /** Epoch milliseconds. */
  readonly atMs: number;
  /** In words. */
  readonly reason: string;
}

/** What the platform noticed of devices, kept until retention. */
export interface SystemEventsStore {
  /**
   * Keeps an event, unless one of its type was kept of its device at `sinceMs` (epoch milliseconds) or later, and with it
   * what the log says of it.
   * @returns whether it was kept
   */
  keepNew(event: StoredSystemEvent, sinceMs: number, entries: readonly NewLogEntry[]): Promise<boolean>;
  find(correlationUid: string): Promise<StoredSystemEvent | undefined>;
  /** The newest events first. */
  list(limit: number): Promise<StoredSystemEvent[]>;
  /** Deletes what happened before `beforeMs` (epoch milliseconds), at most `limit`; gives how many there were. */
  purge(beforeMs: number, limit: number): Promise<number>;
}
