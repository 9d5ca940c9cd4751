import { createHash } from "node:crypto";
import type { Caller } from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { LogEntry } from "../message-log/message-log.ts";
import type { MessageLogPort } from "./ports.ts";

/** A fetch of a request that is not finished, and what it was answered. */
export interface Poll {
  readonly service: string;
  readonly operation: string;
  readonly caller?: Caller | undefined;
  readonly device?: string | undefined;
  readonly correlationUid?: string | undefined;
  readonly received: Uint8Array;
  readonly answered: Uint8Array;
}

/** How long polls of one request are gathered before they are written. */
const GATHER_MS = 60_000;
/** Polls of one request that are gathered, and requests that they are gathered of. */
const MOST_POLLS = 64;
const MOST_REQUESTS = 10_000;
/** Octets of one poll: epoch milliseconds, unsigned and big-endian, then SHA-256 of question and answer. */
const RECORD_LENGTH = 8 + 32;

interface Gathered {
  readonly entry: Omit<LogEntry, "body" | "direction">;
  readonly records: Buffer[];
}

/**
 * Evidence of polls by hash. A caller asks every few seconds for what is not there yet, and gets the same answer: the two
 * messages would be kept for good each time. So they are kept as hashes, many in one entry. That is not durable before
 * the answer goes out: a crash may cost the polls of the last minute, which changed nothing and promised nothing.
 */
export class PollLog {
  readonly #messageLog: MessageLogPort;
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, "debug" | "warn" | "error">;
  #gathered = new Map<string, Gathered>();
  #writing: Promise<unknown> = Promise.resolve();
  #cancel: (() => void) | undefined;

  constructor(messageLog: MessageLogPort, clock: Clock, logger: Pick<Logger, "debug" | "warn" | "error">) {
    this.#messageLog = messageLog;
    this.#clock = clock;
    this.#logger = logger;
  }

  note({ received, answered, ...common }: Poll): void {
    const record = Buffer.alloc(RECORD_LENGTH);
    record.writeBigUInt64BE(BigInt(this.#clock.now()));
    createHash("sha256").update(received).update(answered).digest().copy(record, 8);
    const key = JSON.stringify([common.correlationUid, common.caller]);
    const gathered: Gathered = this.#gathered.get(key) ?? { entry: common, records: [] };
    this.#gathered.set(key, gathered);
    gathered.records.push(record);
    if (gathered.records.length >= MOST_POLLS) {
      this.#gathered.delete(key);
      this.#write([gathered]);
    } else if (this.#gathered.size >= MOST_REQUESTS) this.#flush();
    else this.#cancel ??= this.#clock.after(GATHER_MS, () => this.#flush());
  }

  /** Writes what was gathered and waits for it. */
  async close(): Promise<void> {
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    const all = [...this.#gathered.values()];
    this.#gathered = new Map();
    if (all.length > 0) this.#write(all);
  }

  #write(gathered: readonly Gathered[]): void {
    const entries = gathered.map(({ entry, records }): LogEntry => {
      const operation = `${entry.operation} not finished`;
      return { ...entry, class: "poll", operation, direction: "out", body: Buffer.concat(records) };
    });
    const written = this.#messageLog.append(...entries).catch((err) => {
      this.#logger.error({ err, entries: entries.length }, "polls of unfinished requests could not be logged");
    });
    this.#writing = Promise.all([this.#writing, written]);
  }
}
