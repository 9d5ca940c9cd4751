import { type Direction, draftLeaf, LEAF_VERSION, type LogClass, SALT_LENGTH } from "../domain/log-leaf.ts";
import type { Caller } from "../domain/request.ts";
import { concatBytes } from "../lib/bytes.ts";
import type { Clock } from "../lib/clock.ts";
import { type Random, systemRandom } from "../lib/random.ts";
import { sha256Hex } from "../lib/sha256.ts";
import type { MessageLogStore, NewLogEntry } from "../store/message-log.ts";

/** One message to be logged. */
export interface LogEntry {
  readonly direction: Direction;
  /** `device` when absent and the direction is to or from one, else `message`. */
  readonly class?: LogClass | undefined;
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

/** A salt and what it goes with, in a buffer of their own: a slice of a larger one would take all of it to another thread. */
function salted(body: Uint8Array, random: Random): Uint8Array {
  return concatBytes(random.bytes(SALT_LENGTH), body);
}

/**
 * Stamps an entry with the time, in epoch milliseconds, and salts it. A message whose secrets were replaced is hashed
 * here, because it goes no further; all else is hashed where it is written.
 */
export function prepareEntry(entry: LogEntry, nowMs: number, random: Random = systemRandom): NewLogEntry {
  const { direction, service, operation, caller, device, correlationUid, body, redacted } = entry;
  const isOfDevice = direction === "to-device" || direction === "from-device";
  const draft = (bodyHash: string) =>
    draftLeaf({
      version: LEAF_VERSION,
      class: entry.class ?? (isOfDevice ? "device" : "message"),
      timeMs: nowMs,
      organisation: caller?.organisation ?? "",
      user: caller?.userName ?? "",
      application: caller?.applicationName ?? "",
      service,
      operation,
      device: device ?? "",
      correlationUid: correlationUid ?? "",
      direction,
      redactions: redacted?.count ?? 0,
      bodyHash,
    });
  if (!redacted) return { leaf: draft(""), salted: salted(body, random) };
  const original = salted(body, random);
  const originalSalt = original.slice(0, SALT_LENGTH);
  return { leaf: draft(sha256Hex(original)), salted: salted(redacted.body, random), originalSalt };
}

/** The log of messages. Entries are only ever added; their order is that of the commits. */
export class MessageLog {
  readonly #store: Pick<MessageLogStore, "append">;
  readonly #clock: Clock;
  readonly #random: Random;

  constructor(store: Pick<MessageLogStore, "append">, clock: Clock, random: Random = systemRandom) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
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

  /** Stamps an entry with the time and salts it, for whoever writes it together with something else. */
  prepare(entry: LogEntry): NewLogEntry {
    return prepareEntry(entry, this.#clock.now(), this.#random);
  }
}
