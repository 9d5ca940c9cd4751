import { Worker } from "node:worker_threads";
import { MetergateError } from "../../domain/errors.ts";
import { type Clock, type Elapsed, nextTurn, since } from "../../lib/clock.ts";
import { IS_SOURCE, PACKAGE_ROOT } from "../../lib/package-root.ts";
import { StoreError } from "../errors.ts";
import { type Aggregate, type Call, type CallTime, type Failure, METHODS, type Reply } from "../methods.ts";
import type { Store } from "../store.ts";
import type { FromThread, ToThread } from "./thread.ts";

export interface SqliteSettings {
  readonly dataDirectory: string;
  /** Only look: neither create, migrate nor write anything. */
  readonly readOnly?: boolean | undefined;
  /** The store's time. */
  readonly clock: Clock;
}

/** The thread's module. From sources, it needs the `--import` of a loader for TypeScript, which threads inherit. */
const THREAD = new URL(IS_SOURCE ? "src/store/sqlite/thread.ts" : "dist/thread.js", PACKAGE_ROOT);

interface Pending {
  readonly kind: "read" | "write";
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** What is heard from the thread, or of its end. */
type Heard = FromThread | { readonly kind: "ended"; readonly database: number; readonly reason: string };

/** The thread of this process's databases, and who waits for word from it. */
class Thread {
  static #running: Thread | undefined;
  readonly #worker: Worker;
  readonly #listeners = new Map<number, (message: Heard) => void>();
  #databases = 0;

  /** The one thread; started when it is needed first. */
  static get(): Thread {
    Thread.#running ??= new Thread();
    return Thread.#running;
  }

  private constructor() {
    this.#worker = new Worker(THREAD, { name: "database" });
    this.#worker.unref();
    this.#worker.on("message", (message: FromThread) => this.#listeners.get(message.database)?.(message));
    this.#worker.on("error", (error) => this.#end(`the thread of the database failed: ${error.message}`));
    this.#worker.on("exit", () => this.#end("the thread of the database has ended"));
  }

  /** @returns the number of a database to be opened; the process stays as long as it is */
  add(listener: (message: Heard) => void): number {
    this.#databases += 1;
    if (this.#listeners.size === 0) this.#worker.ref();
    this.#listeners.set(this.#databases, listener);
    return this.#databases;
  }

  remove(database: number): void {
    this.#listeners.delete(database);
    if (this.#listeners.size === 0) this.#worker.unref();
  }

  tell(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  #end(reason: string): void {
    if (Thread.#running === this) Thread.#running = undefined;
    for (const [database, listener] of this.#listeners) listener({ kind: "ended", database, reason });
  }
}

function toError({ code, message }: Failure, kind: "read" | "write"): Error {
  const cause = new StoreError(code === "ROW_UNREADABLE" ? code : "DATABASE_UNUSABLE", message);
  if (kind === "read") return cause;
  const text = "The store could not be written; nothing was kept.";
  return new MetergateError("SERVICE_BUSY", text, { cause });
}

/**
 * Calls that are sent together at most. More may be made in one turn of the event loop, which takes milliseconds then: the
 * thread is not to wait for its end.
 */
const CALLS_AT_A_TIME = 16;

/** A database of the thread, as this side sees it: calls that are made in one turn of the event loop go together. */
class RemoteDatabase {
  readonly #clock: Clock;
  readonly #openedAt: { readonly wallMs: number; readonly elapsed: Elapsed };
  readonly #thread = Thread.get();
  readonly #number: number;
  readonly #pending = new Map<number, Pending>();
  readonly #opened: Promise<void>;
  readonly #failureListeners: ((reason: StoreError) => void)[] = [];
  readonly #wakeListeners = new Set<() => void>();
  #settleOpening!: { resolve(): void; reject(error: unknown): void };
  #calls: Call[] = [];
  #nextId = 0;
  #failure: StoreError | undefined;
  #closing: Promise<void> | undefined;
  #onClosed = () => {};

  constructor({ dataDirectory, readOnly = false, clock }: SqliteSettings) {
    this.#clock = clock;
    this.#openedAt = { wallMs: clock.now(), elapsed: clock.elapsed() };
    this.#opened = new Promise((resolve, reject) => {
      this.#settleOpening = { resolve, reject };
    });
    this.#number = this.#thread.add((message) => this.#hear(message));
    const settings = { dataDirectory, readOnly, nowMs: clock.now() };
    this.#thread.tell({ kind: "open", database: this.#number, settings });
  }

  opened(): Promise<void> {
    return this.#opened;
  }

  port<A extends Aggregate>(aggregate: A): Store[A] {
    const methods = Object.entries(METHODS[aggregate] as Record<string, "read" | "write">).map(
      ([method, kind]) => [method, (...values: unknown[]) => this.#call(aggregate, method, kind, values)] as const,
    );
    return Object.fromEntries(methods) as unknown as Store[A];
  }

  onWake(listener: () => void): () => void {
    if (this.#wakeListeners.size === 0) this.#thread.tell({ kind: "watch", database: this.#number });
    this.#wakeListeners.add(listener);
    return () => this.#wakeListeners.delete(listener);
  }

  wake(): void {
    for (const listener of this.#wakeListeners) listener();
  }

  onFailure(listener: (reason: StoreError) => void): void {
    this.#failureListeners.push(listener);
    if (this.#failure) listener(this.#failure);
  }

  close(): Promise<void> {
    this.#closing ??= new Promise((resolve) => {
      this.#flush();
      this.#onClosed = () => {
        this.#thread.remove(this.#number);
        resolve();
      };
      this.#thread.tell({ kind: "close", database: this.#number });
    });
    return this.#closing;
  }

  #call(aggregate: Aggregate, method: string, kind: "read" | "write", values: readonly unknown[]): Promise<unknown> {
    if (this.#closing) return Promise.reject(new MetergateError("SERVICE_BUSY", "The service is shutting down."));
    return new Promise((resolve, reject) => {
      const id = this.#nextId++;
      this.#pending.set(id, { kind, resolve, reject });
      // Lets whatever is asked for in this turn of the event loop join.
      if (this.#calls.length === 0) void nextTurn().then(() => this.#flush());
      this.#calls.push({ id, aggregate, method, values });
      if (this.#calls.length >= CALLS_AT_A_TIME) this.#flush();
    });
  }

  #flush(): void {
    const calls = this.#calls;
    this.#calls = [];
    if (calls.length === 0) return;
    try {
      this.#send(calls);
    } catch {
      // One of them holds what cannot be sent. It alone is refused.
      for (const call of calls) {
        try {
          this.#send([call]);
        } catch (error) {
          this.#take(call.id)?.reject(error);
        }
      }
    }
  }

  #send(calls: readonly Call[]): void {
    this.#thread.tell({ kind: "calls", database: this.#number, calls, time: this.#time() });
  }

  #time(): CallTime {
    const { wallMs, elapsed } = this.#openedAt;
    return { nowMs: this.#clock.now(), steadyMs: wallMs + Math.floor(since(this.#clock, elapsed)) };
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    return pending;
  }

  #hear(message: Heard): void {
    switch (message.kind) {
      case "opened":
        this.#settleOpening.resolve();
        return;
      case "refused":
        this.#thread.remove(this.#number);
        this.#settleOpening.reject(new StoreError(message.code, message.message));
        return;
      case "replies":
        for (const reply of message.replies) this.#answer(reply);
        return;
      case "wake":
        this.wake();
        return;
      case "failed":
        this.#fail(message.reason);
        return;
      case "closed":
        this.#onClosed();
        return;
      case "ended": {
        this.#fail(message.reason);
        const failure = { code: "DATABASE_UNUSABLE", message: message.reason };
        for (const id of [...this.#pending.keys()]) this.#answer({ id, failure });
        this.#onClosed();
      }
    }
  }

  #answer(reply: Reply): void {
    const pending = this.#take(reply.id);
    if ("result" in reply) pending?.resolve(reply.result);
    else pending?.reject(toError(reply.failure, pending.kind));
  }

  #fail(reason: string): void {
    this.#failure ??= new StoreError("DATABASE_UNUSABLE", reason);
    this.#settleOpening.reject(this.#failure);
    for (const listener of this.#failureListeners.splice(0)) listener(this.#failure);
  }
}

/**
 * Opens the embedded database of a data directory, in a thread of its own; creates it when there is none, and brings its
 * schema up to date. Several processes may have it open, e.g. a server and a CLI command that imports devices:
 * transactions exclude each other, and whatever a lost lease tries to write is refused by its attempt number.
 * @throws StoreError DATABASE_UNUSABLE, DATABASE_SCHEMA_MISMATCH
 */
export async function openSqliteStore(settings: SqliteSettings): Promise<Store> {
  const database = new RemoteDatabase(settings);
  await database.opened();
  const requests = database.port("requests");
  return {
    requests: {
      ...requests,
      accept: async (acceptance) => {
        const result = await requests.accept(acceptance);
        if (result.kind === "accepted") database.wake();
        return result;
      },
    },
    messageLog: database.port("messageLog"),
    devices: database.port("devices"),
    organisations: database.port("organisations"),
    secrets: database.port("secrets"),
    firmware: database.port("firmware"),
    pushes: database.port("pushes"),
    notifications: database.port("notifications"),
    systemEvents: database.port("systemEvents"),
    reports: database.port("reports"),
    agreements: database.port("agreements"),
    replays: database.port("replays"),
    permits: database.port("permits"),
    leases: database.port("leases"),
    onWake: (listener) => database.onWake(listener),
    onFailure: (listener) => database.onFailure(listener),
    close: () => database.close(),
  };
}
