import { statSync } from "node:fs";
import { StoreError } from "../errors.ts";
import { type Aggregate, type Call, type CallTime, METHODS, mayMix, type Reply } from "../methods.ts";
import { agreements } from "./aggregates/agreements.ts";
import { devices } from "./aggregates/devices.ts";
import { firmware } from "./aggregates/firmware.ts";
import { leases } from "./aggregates/leases.ts";
import { messageLog } from "./aggregates/message-log.ts";
import { notifications } from "./aggregates/notifications.ts";
import { organisations } from "./aggregates/organisations.ts";
import { permits } from "./aggregates/permits.ts";
import { pushes } from "./aggregates/pushes.ts";
import { replays } from "./aggregates/replays.ts";
import { reports } from "./aggregates/reports.ts";
import { requests } from "./aggregates/requests.ts";
import { secrets } from "./aggregates/secrets.ts";
import { systemEvents } from "./aggregates/system-events.ts";
import type { Connection } from "./connection.ts";
import { reasonOf } from "./open-connection.ts";

/** What the engine needs of the thread it runs in. */
export interface Surroundings {
  reply(replies: readonly Reply[]): void;
  /** The store can keep nothing any more. */
  fail(reason: string): void;
  after(delayMs: number, callback: () => void): () => void;
}

/** A call that waits to be written. */
interface Waiting {
  readonly call: Call;
  readonly time: CallTime;
  /** What `#waitedMs` was then. */
  readonly sinceMs: number;
}

/** Calls in one transaction; a larger one would hold up the first of them for no gain. */
const MOST_CALLS = 256;
/** Pauses between tries when another process holds the lock: the first, and the longest. */
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 100;
/** How long a write waits for another process; less than what callers are made to wait for an answer. */
const PATIENCE_MS = 25_000;

type Methods = Record<Aggregate, Record<string, (...values: readonly unknown[]) => unknown>>;

function isBusy(error: unknown): boolean {
  return (error as { code?: unknown }).code?.toString().startsWith("SQLITE_BUSY") ?? false;
}

/**
 * Runs calls on one connection. Writes share a transaction: the disk is waited for once per transaction, not once per
 * call. While another process holds the lock, they wait and reads go on.
 */
export class Engine {
  readonly #db: Connection;
  readonly #files: readonly { readonly path: string; readonly inode: number }[];
  readonly #surroundings: Surroundings;
  readonly #methods: Methods;
  #queue: Waiting[] = [];
  #pauseMs = FIRST_PAUSE_MS;
  /** Set while the lock is waited for. */
  #cancelRetry: (() => void) | undefined;
  /** How long the lock was waited for in all. */
  #waitedMs = 0;
  #failed: string | undefined;
  /** Called whenever nothing is left to write. */
  #onIdle = () => {};

  /** @param filename of the database; undefined when it is only looked into */
  constructor(db: Connection, filename: string | undefined, surroundings: Surroundings) {
    this.#db = db;
    this.#surroundings = surroundings;
    this.#files = filename === undefined ? [] : filesOf(filename);
    this.#methods = {
      requests: requests(db),
      messageLog: messageLog(db),
      devices: devices(db),
      organisations: organisations(db),
      secrets: secrets(db),
      firmware: firmware(db),
      pushes: pushes(db),
      notifications: notifications(db),
      systemEvents: systemEvents(db),
      replays: replays(db),
      reports: reports(db),
      leases: leases(db),
      permits: permits(db),
      agreements: agreements(db),
    } as unknown as Methods;
  }

  /** Runs reads at once, and takes writes for the next transaction; see `commit`. */
  submit(calls: readonly Call[], time: CallTime): void {
    const replies: Reply[] = [];
    for (const call of calls) {
      const kinds: Record<string, "read" | "write"> = METHODS[call.aggregate];
      if (kinds[call.method] === "write") this.#queue.push({ call, time, sinceMs: this.#waitedMs });
      else replies.push(this.#attempt(call, time));
    }
    if (replies.length > 0) this.#surroundings.reply(replies);
  }

  /** Writes some of what waits. False: nothing is left to write now. */
  commit(): boolean {
    if (this.#cancelRetry || this.#queue.length === 0) return false;
    const batch = this.#queue.splice(0, MOST_CALLS);
    try {
      this.#surroundings.reply(this.#write(batch));
      this.#pauseMs = FIRST_PAUSE_MS;
    } catch (error) {
      if (isBusy(error)) this.#waitForLock(batch);
      else this.#refuse(batch, error);
    }
    if (this.#queue.length > 0) return !this.#cancelRetry;
    this.#onIdle();
    return false;
  }

  /** A number that differs after each commit of another process; undefined when it cannot be told. */
  dataVersion(): number | undefined {
    try {
      return this.#db.get<{ data_version: number }>("pragma data_version")!.data_version;
    } catch {
      return undefined;
    }
  }

  /** Writes what waits and closes the connection; then `done` is called. */
  close(done: () => void): void {
    this.#onIdle = () => {
      this.#onIdle = () => {};
      this.#db.close();
      done();
    };
    if (this.#queue.length === 0) this.#onIdle();
    else while (this.commit());
  }

  #run({ aggregate, method, values }: Call, { nowMs, steadyMs }: CallTime, waitedMs = 0): unknown {
    this.#db.nowMs = nowMs + waitedMs;
    this.#db.steadyMs = steadyMs + waitedMs;
    return this.#methods[aggregate][method]!(...values);
  }

  #attempt(call: Call, time: CallTime): Reply {
    try {
      return { id: call.id, result: this.#run(call, time) };
    } catch (error) {
      const { code = "INTERNAL", message } = error as { code?: string; message: string };
      return { id: call.id, failure: { code, message } };
    }
  }

  /** Writes all in one transaction; when one cannot be, it alone is undone. @throws when none could be written */
  #write(batch: readonly Waiting[]): Reply[] {
    if (this.#failed !== undefined) throw new StoreError("DATABASE_UNUSABLE", this.#failed);
    try {
      return this.#transaction(() => this.#results(batch));
    } catch (error) {
      if (isBusy(error) || batch.length === 1 || this.#failed !== undefined) throw error;
    }
    return this.#transaction(() => batch.map((waiting) => this.#resultAlone(waiting)));
  }

  /** Methods leave rows to be written together; one that may need them finds them written. */
  #results(batch: readonly Waiting[]): Reply[] {
    let last: Call | undefined;
    return batch.map((waiting) => {
      if (last && !mayMix(last, waiting.call)) this.#db.flush();
      last = waiting.call;
      return this.#result(waiting);
    });
  }

  #result({ call, time, sinceMs }: Waiting): Reply {
    return { id: call.id, result: this.#run(call, time, this.#waitedMs - sinceMs) };
  }

  #resultAlone(waiting: Waiting): Reply {
    this.#db.execute("savepoint one");
    try {
      const reply = this.#result(waiting);
      this.#db.flush();
      this.#db.execute("release one");
      return reply;
    } catch (error) {
      if (isBusy(error) || !this.#db.inTransaction) throw error;
      this.#db.forget();
      this.#db.execute("rollback to one; release one");
      const { code = "INTERNAL", message } = error as { code?: string; message: string };
      return { id: waiting.call.id, failure: { code, message } };
    }
  }

  #transaction(work: () => Reply[]): Reply[] {
    this.#db.execute("begin immediate");
    try {
      const replies = work();
      this.#db.flush();
      this.#db.execute("commit");
      this.#requireFiles();
      return replies;
    } catch (error) {
      this.#db.forget();
      if (this.#db.inTransaction) this.#db.execute("rollback");
      throw error;
    }
  }

  /** What was committed to a file that has no name any more is lost with the process. */
  #requireFiles(): void {
    for (const { path, inode } of this.#files) {
      if (statSync(path, { throwIfNoEntry: false })?.ino === inode) continue;
      this.#failed = `${path} was removed or replaced while it was in use; what is written would be lost`;
      this.#surroundings.fail(this.#failed);
      throw new StoreError("DATABASE_UNUSABLE", this.#failed);
    }
  }

  #waitForLock(batch: readonly Waiting[]): void {
    const patient = batch.filter(({ sinceMs }) => this.#waitedMs - sinceMs < PATIENCE_MS);
    const given = batch.filter((waiting) => !patient.includes(waiting));
    this.#queue.unshift(...patient);
    const text = "another process has kept the database locked for too long";
    if (given.length > 0) this.#refuse(given, new StoreError("DATABASE_UNUSABLE", text));
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    this.#cancelRetry = this.#surroundings.after(pauseMs, () => {
      this.#waitedMs += pauseMs;
      this.#cancelRetry = undefined;
      while (this.commit());
    });
  }

  #refuse(batch: readonly Waiting[], error: unknown): void {
    const failure = { code: (error as { code?: string }).code ?? "INTERNAL", message: reasonOf(error) };
    this.#surroundings.reply(batch.map(({ call }) => ({ id: call.id, failure })));
  }
}

/** The files that hold what is committed. */
function filesOf(filename: string): { path: string; inode: number }[] {
  return [filename, `${filename}-wal`].map((path) => ({ path, inode: statSync(path).ino }));
}
