import { type MessagePort, parentPort, receiveMessageOnPort } from "node:worker_threads";
import { nextTurn, systemClock } from "../../lib/clock.ts";
import type { StoreErrorCode } from "../errors.ts";
import type { Call, CallTime, Reply } from "../methods.ts";
import { Engine } from "./engine.ts";
import { type OpenSettings, openConnection } from "./open-connection.ts";

/** What the thread is told. Each database has a number of its own. */
export type ToThread =
  | { readonly kind: "open"; readonly database: number; readonly settings: OpenSettings }
  | { readonly kind: "calls"; readonly database: number; readonly calls: readonly Call[]; readonly time: CallTime }
  /** Tell when another process has written. */
  | { readonly kind: "watch"; readonly database: number }
  | { readonly kind: "close"; readonly database: number };

/** What the thread tells. */
export type FromThread =
  | { readonly kind: "opened"; readonly database: number }
  | { readonly kind: "refused"; readonly database: number; readonly code: StoreErrorCode; readonly message: string }
  | { readonly kind: "replies"; readonly database: number; readonly replies: readonly Reply[] }
  | { readonly kind: "wake"; readonly database: number }
  /** The database keeps nothing any more. */
  | { readonly kind: "failed"; readonly database: number; readonly reason: string }
  | { readonly kind: "closed"; readonly database: number };

/** How often to look whether another process has written. */
const WATCH_MS = 1_000;

interface Opened {
  readonly engine: Engine;
  stopWatching(): void;
}

/** Databases that wait synchronously, on a thread where nobody else waits for them. */
class DatabaseThread {
  readonly #port: MessagePort;
  readonly #databases = new Map<number, Opened>();

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (first: ToThread) => {
      // Whatever came while the last transaction was written goes into this one.
      for (let message: ToThread | undefined = first; message; message = receiveMessageOnPort(port)?.message) {
        this.#take(message);
      }
      this.#commit();
    });
  }

  #tell(message: FromThread): void {
    this.#port.postMessage(message);
  }

  #take(message: ToThread): void {
    const { database } = message;
    if (message.kind === "open") {
      this.#open(database, message.settings);
      return;
    }
    const opened = this.#databases.get(database);
    if (!opened) return;
    if (message.kind === "calls") opened.engine.submit(message.calls, message.time);
    else if (message.kind === "watch") this.#watch(database, opened, opened.engine.dataVersion());
    else {
      opened.stopWatching();
      opened.engine.close(() => {
        this.#databases.delete(database);
        this.#tell({ kind: "closed", database });
      });
    }
  }

  #open(database: number, settings: OpenSettings): void {
    try {
      const { db, filename } = openConnection(settings);
      const engine = new Engine(db, settings.readOnly ? undefined : filename, {
        reply: (replies) => this.#tell({ kind: "replies", database, replies }),
        fail: (reason) => this.#tell({ kind: "failed", database, reason }),
        after: (delayMs, callback) => systemClock.after(delayMs, callback),
      });
      this.#databases.set(database, { engine, stopWatching: () => {} });
      this.#tell({ kind: "opened", database });
    } catch (error) {
      const { code, message } = error as { code: StoreErrorCode; message: string };
      this.#tell({ kind: "refused", database, code, message });
    }
  }

  #commit(): void {
    let more = false;
    for (const { engine } of this.#databases.values()) more = engine.commit() || more;
    // What came meanwhile is looked at first: reads need not wait for a long line of writes.
    if (more) void nextTurn().then(() => this.#commit());
  }

  #watch(database: number, opened: Opened, seen: number | undefined): void {
    const cancel = systemClock.after(WATCH_MS, () => {
      const version = opened.engine.dataVersion();
      if (version !== seen) this.#tell({ kind: "wake", database });
      this.#watch(database, opened, version);
    });
    this.#databases.set(database, { ...opened, stopWatching: cancel });
  }
}

if (parentPort) new DatabaseThread(parentPort);
