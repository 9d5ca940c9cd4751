import type { Clock } from "../lib/clock.ts";
import { type CopySource, type CopyTarget, copyDatabase } from "./copying.ts";
import { StoreError } from "./errors.ts";
import type { Store } from "./store.ts";

export interface StoreSettings {
  /** Where the embedded database lives. */
  readonly dataDirectory: string;
  /** Address of a database server; the embedded database when absent. */
  readonly databaseUrl?: string | undefined;
  /** Only look: neither create, migrate nor write anything. */
  readonly readOnly?: boolean | undefined;
  /** Time of the embedded database, which has none of its own. */
  readonly clock: Clock;
  /** Most connections to a database server at a time. */
  readonly connections?: number | undefined;
  /** For tests: the time to use in place of the database server's. */
  readonly timeOf?: ((databaseMs: number) => { readonly nowMs: number; readonly steadyMs: number }) | undefined;
}

interface Database {
  /** What operators call it. */
  readonly name: string;
  open(settings: StoreSettings): Promise<Store>;
  openSource(place: DatabasePlace): Promise<CopySource>;
  openTarget(place: DatabasePlace): Promise<CopyTarget>;
}

/** Where a database is: on a server, or in a directory. */
export interface DatabasePlace {
  readonly databaseUrl?: string | undefined;
  readonly dataDirectory: string;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

/** The databases, by the scheme of their address; each is loaded when it is used. */
const DATABASES: Readonly<Record<string, Database>> = {
  "sqlite:": {
    name: "SQLite",
    open: async (settings) => (await import("./sqlite/open-store.ts")).openSqliteStore(settings),
    openSource: async (place) => (await import("./sqlite/copying.ts")).openSource(place.dataDirectory),
    openTarget: async (place) => (await import("./sqlite/copying.ts")).openTarget(place.dataDirectory, place.nowMs),
  },
  "postgres:": {
    name: "PostgreSQL",
    open: async (settings) => (await import("./postgres/open-store.ts")).openStore(settings),
    openSource: async (place) => (await import("./postgres/copying.ts")).openSource(place.databaseUrl!),
    openTarget: async (place) => (await import("./postgres/copying.ts")).openTarget(place.databaseUrl!),
  },
  "mssql:": {
    name: "SQL Server",
    open: async (settings) => (await import("./sqlserver/open-store.ts")).openStore(settings),
    openSource: async (place) => (await import("./sqlserver/copying.ts")).openSource(place.databaseUrl!),
    openTarget: async (place) => (await import("./sqlserver/copying.ts")).openTarget(place.databaseUrl!),
  },
};
/** Other names of their schemes. */
const ALIASES: Readonly<Record<string, string>> = { "postgresql:": "postgres:", "sqlserver:": "mssql:" };

function databaseOf(url: string | undefined): Database {
  const scheme = url === undefined ? "sqlite:" : new URL(url).protocol;
  const database = DATABASES[ALIASES[scheme] ?? scheme];
  if (!database) throw new StoreError("DATABASE_UNUSABLE", `${scheme} is no database that is supported`);
  return database;
}

/** What the database of an address is called. */
export function databaseName(url: string | undefined): string {
  return databaseOf(url).name;
}

/**
 * Opens the store that the settings name; creates it when there is none, and brings its schema up to date.
 * @throws StoreError DATABASE_UNUSABLE, DATABASE_SCHEMA_MISMATCH
 */
export function openStore(settings: StoreSettings): Promise<Store> {
  return databaseOf(settings.databaseUrl).open(settings);
}

/**
 * Copies everything into a new database.
 * @returns how many rows were copied, by table
 * @throws StoreError DATABASE_UNUSABLE, DATABASE_SCHEMA_MISMATCH
 */
export async function copyStore(from: DatabasePlace, to: DatabasePlace): Promise<Map<string, number>> {
  const source = await databaseOf(from.databaseUrl).openSource(from);
  try {
    const target = await databaseOf(to.databaseUrl).openTarget(to);
    try {
      return await copyDatabase(source, target);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}
