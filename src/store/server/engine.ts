import { MetergateError } from "../../domain/errors.ts";
import { type Elapsed, nextTurn, since, sleep, systemClock } from "../../lib/clock.ts";
import { systemRandom } from "../../lib/random.ts";
import { StoreError } from "../errors.ts";
import { type Aggregate, METHODS } from "../methods.ts";
import type { Acceptance } from "../requests.ts";
import { acceptAll } from "./aggregates/accept.ts";
import { AGGREGATES } from "./aggregates/index.ts";
import { type Begun, type Driver, Session, type Statement, type TimeOf, type Wire } from "./session.ts";

export interface EngineSettings {
  readonly driver: Driver;
  readonly timeOf: TimeOf;
  /** Others may have something to claim. */
  wake(): void;
}

/** Writes that are small and many share a transaction with others of their kind that came meanwhile. */
const GROUPED: ReadonlySet<string> = new Set([
  "requests.accept",
  "requests.report",
  "requests.note",
  "requests.extendLease",
  "messageLog.append",
  "secrets.read",
  "devices.addToInvocationCounter",
  "permits.take",
  "permits.give",
]);
/** Of these, what has statements of its own for many at once. */
const TOGETHER: Readonly<Record<string, (db: Session, calls: readonly (readonly unknown[])[]) => Promise<unknown[]>>> =
  {
    "requests.accept": (db, calls) =>
      acceptAll(
        db,
        calls.map(([acceptance]) => acceptance as Acceptance),
      ),
  };
/** Reads that ask what time it is. */
const TIMED: ReadonlySet<string> = new Set(["notifications.due"]);
/** Calls in one transaction; a larger one would hold up the first of them for no gain. */
const MOST_CALLS = 256;
/** Pauses between tries: the first, and the longest. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 500;
/** How long a write is tried again; less than what callers are made to wait for an answer. */
const PATIENCE_MS = 25_000;

interface Waiting {
  readonly values: readonly unknown[];
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Methods = Record<string, (...values: readonly unknown[]) => Promise<unknown>>;

/** The message of an error, without anything that a row held. */
function toStoreError(error: unknown): StoreError {
  if (error instanceof StoreError) return error;
  const { message } = error as Error;
  return new StoreError("DATABASE_UNUSABLE", message, error);
}

/** Writes of one kind that wait to share a transaction. */
class Group {
  readonly #run: (batch: readonly Waiting[]) => Promise<void>;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;

  constructor(run: (batch: readonly Waiting[]) => Promise<void>) {
    this.#run = run;
  }

  add(waiting: Waiting): void {
    this.#queue.push(waiting);
    this.#running ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // Lets whatever is asked for in this turn of the event loop join.
    await nextTurn();
    while (this.#queue.length > 0) await this.#run(this.#queue.splice(0, MOST_CALLS));
    this.#running = undefined;
  }
}

/** Runs calls on connections of a pool: reads alone, writes in transactions that are tried again when others are to blame. */
export class Engine {
  readonly #driver: Driver;
  readonly #timeOf: TimeOf;
  readonly #wake: () => void;
  readonly #groups = new Map<string, Group>();
  /** Rows that never go, and are there. */
  readonly #known = new Set<string>();
  readonly #pending = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor({ driver, timeOf, wake }: EngineSettings) {
    this.#driver = driver;
    this.#timeOf = timeOf;
    this.#wake = wake;
  }

  call(aggregate: Aggregate, method: string, values: readonly unknown[]): Promise<unknown> {
    if (this.#closing) return Promise.reject(new MetergateError("SERVICE_BUSY", "The service is shutting down."));
    const done = this.#dispatch(aggregate, method, values);
    this.#pending.add(done);
    const forget = () => this.#pending.delete(done);
    done.then(forget, forget);
    return done;
  }

  /** Takes nothing more, waits for what was submitted, and closes the connections. */
  close(): Promise<void> {
    this.#closing ??= (async () => {
      while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
      await this.#driver.close();
    })();
    return this.#closing;
  }

  async #dispatch(aggregate: Aggregate, method: string, values: readonly unknown[]): Promise<unknown> {
    const kind = (METHODS[aggregate] as Record<string, "read" | "write">)[method];
    const name = `${aggregate}.${method}`;
    const run = (db: Session, given: readonly unknown[]) =>
      (AGGREGATES[aggregate](db) as unknown as Methods)[method]!(...given);
    if (kind === "read") {
      try {
        return await (TIMED.has(name)
          ? this.#transaction(false, (db) => run(db, values))
          : this.#read((db) => run(db, values)));
      } catch (error) {
        throw toStoreError(error);
      }
    }
    // What is written is the caller's own no more; and what cannot be copied is nothing that can be kept.
    const own = structuredClone(values);
    try {
      if (!GROUPED.has(name)) return await this.#transaction(true, (db) => run(db, own));
      return await new Promise((resolve, reject) => this.#group(name, run).add({ values: own, resolve, reject }));
    } catch (error) {
      const text = "The store could not be written; nothing was kept.";
      throw new MetergateError("SERVICE_BUSY", text, { cause: toStoreError(error) });
    }
  }

  #group(name: string, run: (db: Session, values: readonly unknown[]) => Promise<unknown>): Group {
    const group =
      this.#groups.get(name) ??
      new Group(async (batch) => {
        try {
          const results = await this.#transaction(true, async (db) => {
            const together = TOGETHER[name];
            if (together)
              return together(
                db,
                batch.map(({ values }) => values),
              );
            const each: unknown[] = [];
            for (const { values } of batch) each.push(await run(db, values));
            return each;
          });
          for (const [i, { resolve }] of batch.entries()) resolve(results[i]);
        } catch (error) {
          if (batch.length === 1 || this.#driver.kindOf(error) !== "refused") {
            for (const { reject } of batch) reject(error);
            return;
          }
          // One of them was refused: each alone, so that it is refused alone.
          for (const { values, resolve, reject } of batch) {
            await this.#transaction(true, (db) => run(db, values)).then(resolve, reject);
          }
        }
      });
    this.#groups.set(name, group);
    return group;
  }

  /** A read changes nothing: it is asked again when the connection went. */
  #read<T>(work: (db: Session) => Promise<T>): Promise<T> {
    return this.#patiently(async () => {
      const wire = await this.#driver.acquire();
      return this.#with(wire, () => work(new Session(wire, this.#driver)));
    });
  }

  /** Runs `work` in a transaction, from the start as often as others undo it. */
  async #transaction<T>(writes: boolean, work: (db: Session) => Promise<T>): Promise<T> {
    const { result, wakes } = await this.#patiently(async () => {
      const wire = await this.#driver.acquire();
      return this.#with(wire, async () => {
        const begun = wire.begin(writes);
        // Whoever works waits for it with the first statement.
        begun.catch(() => {});
        const db = new Session(wire, this.#driver, { begun, timeOf: this.#timeOf, known: this.#known });
        try {
          const result = await work(db);
          const last = await db.finish();
          await this.#commit(wire, await begun, last);
          for (const row of db.learnt) this.#known.add(row);
          return { result, wakes: db.wakes };
        } catch (error) {
          if (this.#driver.kindOf(error) !== "lost") await wire.rollback();
          throw error;
        }
      });
    });
    if (wakes) this.#wake();
    return result;
  }

  /**
   * A commit that was not answered may have been made: then nothing is done again. So may one that was refused: whoever
   * cancels it may come when it is made.
   */
  async #commit(wire: Wire, { transaction }: Begun, last: readonly Statement[]): Promise<void> {
    try {
      await wire.commit(last);
    } catch (error) {
      const kind = this.#driver.kindOf(error);
      if (kind === "again" || transaction === undefined) throw error;
      // If it was not made, nobody is to wait for its end.
      if (kind === "refused") await wire.rollback();
      const outcome = await this.#patiently(async () => {
        const told = await this.#driver.outcomeOf(transaction);
        if (told === "unknown") throw error;
        return told;
      });
      if (outcome === "aborted") throw error;
    }
  }

  async #with<T>(wire: Wire, work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      wire.release();
      return result;
    } catch (error) {
      if (this.#driver.kindOf(error) === "lost") wire.destroy();
      else wire.release();
      throw error;
    }
  }

  /** Tries again for as long as others are to blame. */
  async #patiently<T>(work: () => Promise<T>): Promise<T> {
    const began: Elapsed = systemClock.elapsed();
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
      try {
        return await work();
      } catch (error) {
        if (this.#driver.kindOf(error) === "refused" || since(systemClock, began) > PATIENCE_MS) throw error;
        // Those that undid each other do not meet again.
        await sleep(systemClock, pauseMs * (0.5 + systemRandom.bytes(1)[0]! / 256));
      }
    }
  }
}
