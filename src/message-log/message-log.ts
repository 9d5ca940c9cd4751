import { type Direction, LEAF_VERSION } from "../domain/log-leaf.ts";
import type { Caller } from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import { sha256Hex } from "../lib/sha256.ts";
import type { MessageLogStore, NewLogEntry } from "../store/message-log.ts";

/** One message to be logged. */
export interface LogEntry {
  readonly direction: Direction;
  readonly service: string;
  /** Operation, or whatever else names the kind of message. */
  readonly operation: string;
  readonly caller?: Caller | undefined;
  readonly device?: string | undefined;
  readonly correlationUid?: string | undefined;
  /** The message as it was on the wire. Stored unless `redacted` is given, and not changed afterwards. */
  readonly body: Uint8Array;
  /** The message with its secrets replaced by a marker, and how many were. */
  readonly redacted?: { readonly body: Uint8Array; readonly count: number } | undefined;
}

/** Octets that fill the buffer they are in: a slice of a larger one would take all of it along to another thread. */
function compact(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength === bytes.buffer.byteLength ? bytes : Uint8Array.prototype.slice.call(bytes);
}

/** Stamps an entry with the time, in epoch milliseconds, and hashes it. */
export function prepareEntry(
  { direction, service, operation, caller, device, correlationUid, body, redacted }: LogEntry,
  nowMs: number,
): NewLogEntry {
  const bodySha256 = sha256Hex(body);
  const leaf = {
    version: LEAF_VERSION,
    timeMs: nowMs,
    organisation: caller?.organisation ?? "",
    user: caller?.userName ?? "",
    application: caller?.applicationName ?? "",
    service,
    operation,
    device: device ?? "",
    correlationUid: correlationUid ?? "",
    direction,
    bodySha256,
    storedSha256: redacted ? sha256Hex(redacted.body) : bodySha256,
    redactions: redacted?.count ?? 0,
  };
  return { leaf, stored: compact(redacted?.body ?? body) };
}

/** The log of messages. Entries are only ever added; their order is that of the commits. */
export class MessageLog {
  readonly #store: MessageLogStore;
  readonly #clock: Clock;

  constructor(store: MessageLogStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /**
   * Resolves once all entries are durable; they stand next to each other in their order.
   * @throws MetergateError SERVICE_BUSY when they could not be written; then none was.
   */
  append(...entries: readonly LogEntry[]): Promise<void> {
    return this.#store.append(entries.map((entry) => this.prepare(entry)));
  }

  /** Appends entries that were prepared; see `append`. */
  write(entries: readonly NewLogEntry[]): Promise<void> {
    return this.#store.append(entries);
  }

  /** Stamps an entry with the time and hashes it, for whoever writes it together with something else. */
  prepare(entry: LogEntry): NewLogEntry {
    return prepareEntry(entry, this.#clock.now());
  }
}
