import { StoreError } from "../errors.ts";
import { type Aggregate, METHODS } from "../methods.ts";
import type { Store } from "../store.ts";
import { Engine } from "./engine.ts";
import { databaseTime, type Migration, type MigrationStatements, migrate, schemaState } from "./migrate.ts";
import type { Driver, TimeOf } from "./session.ts";

/** How nodes tell each other that there may be something to claim. */
export interface Wakes {
  /** Calls back when another node told; the first call counts. */
  listen(onWake: () => void): void;
  /** Tells the others. */
  tell(): void;
  close(): Promise<void>;
}

export interface ServerSettings {
  readonly driver: Driver;
  readonly wakes: Wakes;
  readonly steps: readonly Migration[];
  readonly statements: MigrationStatements;
  readonly readOnly: boolean;
  /** The database's own time when absent. */
  readonly timeOf?: TimeOf | undefined;
}

/** A store over a database that is a server of its own. */
export async function openServerStore(settings: ServerSettings): Promise<Store> {
  const { driver, wakes, steps, statements, readOnly, timeOf = databaseTime } = settings;
  try {
    if (readOnly) {
      const { applied, missing } = await schemaState(driver, steps, statements);
      const told = applied.length === 0 ? "holds no data of Metergate" : "was written by an older version";
      if (missing.length > 0) throw new StoreError("DATABASE_SCHEMA_MISMATCH", `the database ${told}`);
    } else {
      await migrate(driver, steps, statements);
    }
  } catch (error) {
    await Promise.allSettled([driver.close(), wakes.close()]);
    if (error instanceof StoreError) throw error;
    throw new StoreError("DATABASE_UNUSABLE", `the database cannot be opened: ${(error as Error).message}`, error);
  }
  const listeners = new Set<() => void>();
  const wake = () => {
    for (const listener of listeners) listener();
  };
  const engine = new Engine({
    driver,
    timeOf,
    wake() {
      wake();
      wakes.tell();
    },
  });
  const port = <A extends Aggregate>(aggregate: A): Store[A] =>
    Object.fromEntries(
      Object.keys(METHODS[aggregate]).map((method) => [
        method,
        (...values: unknown[]) => engine.call(aggregate, method, values),
      ]),
    ) as unknown as Store[A];
  return {
    requests: port("requests"),
    messageLog: port("messageLog"),
    devices: port("devices"),
    organisations: port("organisations"),
    replays: port("replays"),
    secrets: port("secrets"),
    firmware: port("firmware"),
    pushes: port("pushes"),
    notifications: port("notifications"),
    systemEvents: port("systemEvents"),
    reports: port("reports"),
    agreements: port("agreements"),
    permits: port("permits"),
    leases: port("leases"),
    onWake(listener) {
      wakes.listen(wake);
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // A server that is gone may come back: nothing is ever given up for good.
    onFailure() {},
    async close() {
      await engine.close();
      await wakes.close();
    },
  };
}
