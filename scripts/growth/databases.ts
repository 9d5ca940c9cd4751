import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { systemClock } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { type BesideStore, besideSqlite, newPostgres } from "../bench/database.ts";

/** A store whose database is filled behind its back. */
export interface Filled extends BesideStore {
  readonly store: Store;
  /** Inserts one row of a kilobyte in a transaction of its own, on one of a few connections. */
  insertRaw(): Promise<void>;
}

const RAW_TEXT = "x".repeat(1000);

async function sqlite(): Promise<Filled> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "metergate-growth-"));
  const store = await openStore({ dataDirectory, clock: systemClock });
  const beside = besideSqlite(dataDirectory);
  await beside.run("create table raw (id integer primary key, text text)");
  return {
    ...beside,
    store,
    insertRaw: () => beside.run(`insert into raw (text) values ('${RAW_TEXT}')`),
    async close() {
      await beside.close();
      await store.close();
      rmSync(dataDirectory, { recursive: true });
    },
  };
}

async function postgres(address: string): Promise<Filled> {
  const beside = await newPostgres(address);
  await beside.run("create table raw (id bigint generated always as identity primary key, text text)");
  const pool = new pg.Pool({ connectionString: beside.url, max: 10 });
  // The database may go before the last of them has heard that it is to end.
  pool.on("error", () => {});
  const store = await openStore({ dataDirectory: "", databaseUrl: beside.url, clock: systemClock });
  return {
    ...beside,
    store,
    insertRaw: async () =>
      void (await pool.query({ name: "raw", text: "insert into raw (text) values ($1)", values: [RAW_TEXT] })),
    async close() {
      await pool.end();
      await store.close();
      await beside.close();
    },
  };
}

/** An empty database of a kind. */
export function openDatabase(kind: "sqlite" | "postgres", address: string): Promise<Filled> {
  return kind === "sqlite" ? sqlite() : postgres(address);
}
