import { copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import { type Clock, nextTurn, systemClock } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";

const DATABASE = "metergate.db";

export type SqlValue = string | number | Uint8Array | null;

/** A database as another process has it open, for tests that look behind the ports or break something there. */
export class OtherConnection {
  readonly #database: Libsql.Database;

  constructor(dataDirectory: string) {
    this.#database = new Libsql(join(dataDirectory, DATABASE));
    this.#database.exec("pragma busy_timeout = 10000");
  }

  rows<Row = Record<string, SqlValue>>(sql: string, ...values: SqlValue[]): Row[] {
    return this.#database
      .prepare(sql)
      .all(values)
      .map((row) => {
        const columns = Object.entries(row as Record<string, unknown>);
        return Object.fromEntries(
          columns.map(([name, value]) => [name, value instanceof ArrayBuffer ? new Uint8Array(value) : value]),
        ) as Row;
      });
  }

  /** Runs one statement that gives no rows. */
  run(sql: string, ...values: SqlValue[]): void {
    if (values.length === 0) this.#database.exec(sql);
    else this.#database.prepare(sql).run(values);
  }

  close(): void {
    this.#database.close();
  }
}

export interface TemporaryStore extends Store {
  readonly dataDirectory: string;
  readonly sql: OtherConnection;
  /** How many calls were made so far. */
  calls(): number;
  /** Resolves when no call is under way, and none has begun for some turns of the event loop. */
  idle(turns?: number): Promise<void>;
}

/** A store whose calls are counted, so that a test can wait until whatever works on it has come to rest. */
function observed(store: Store): Pick<TemporaryStore, "calls" | "idle"> & Store {
  let calls = 0;
  const pending = new Set<Promise<unknown>>();
  const observe = <Port extends object>(port: Port): Port =>
    Object.fromEntries(
      Object.entries(port).map(([name, method]) => [
        name,
        (...values: unknown[]) => {
          calls += 1;
          const result: Promise<unknown> = method(...values);
          pending.add(result);
          const forget = () => pending.delete(result);
          result.then(forget, forget);
          return result;
        },
      ]),
    ) as Port;
  return {
    ...store,
    ...Object.fromEntries(
      Object.entries(store)
        .filter(([, port]) => typeof port === "object")
        .map(([name, port]) => [name, observe(port)]),
    ),
    calls: () => calls,
    idle: async (turns = 20) => {
      for (let quiet = 0; quiet < turns; quiet++) {
        await nextTurn();
        if (pending.size === 0) continue;
        await Promise.allSettled(pending);
        quiet = -1;
      }
    },
  };
}

const makeDirectory = () => mkdtemp(join(tmpdir(), "metergate-test-"));

async function makeEmpty(): Promise<string> {
  const dataDirectory = await makeDirectory();
  const store = await openStore({ dataDirectory, clock: systemClock });
  await store.close();
  return join(dataDirectory, DATABASE);
}

/** A database as a new one is once it has been opened and closed. */
let empty: Promise<string> | undefined;

/**
 * Puts an empty database where there is none: the steps of a schema take ten times as long as it takes to open it, and
 * most tests open a new one.
 */
export async function placeEmptyDatabase(dataDirectory: string): Promise<void> {
  empty ??= makeEmpty();
  await copyFile(await empty, join(dataDirectory, DATABASE));
}

/** A store over SQLite in a directory of its own, which goes when the store is closed. */
export async function openTemporaryStore(clock: Clock = systemClock): Promise<TemporaryStore> {
  const dataDirectory = await makeDirectory();
  await placeEmptyDatabase(dataDirectory);
  const store = observed(await openStore({ dataDirectory, clock }));
  const sql = new OtherConnection(dataDirectory);
  return {
    ...store,
    dataDirectory,
    sql,
    close: async () => {
      sql.close();
      await store.close();
      await rm(dataDirectory, { recursive: true });
    },
  };
}
