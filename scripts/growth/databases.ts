import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Libsql from "libsql";
import pg from "pg";
import { systemClock } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";

/** A database to be filled behind the store's back, and what is written its own way there. */
export interface Filled {
  readonly store: Store;
  /** Rows numbered from 0 as `n`, to select from. */
  series(rows: number): string;
  run(sql: string): Promise<void>;
  /** Inserts one row of a kilobyte in a transaction of its own, on one of a few connections. */
  insertRaw(): Promise<void>;
  close(): Promise<void>;
}

async function sqlite(): Promise<Filled> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "metergate-growth-"));
  const store = await openStore({ dataDirectory, clock: systemClock });
  const database = new Libsql(join(dataDirectory, "metergate.db"));
  database.exec("pragma synchronous = full; create table raw (id integer primary key, text text)");
  const insert = database.prepare("insert into raw (text) values (?)");
  return {
    store,
    series: (rows) =>
      `(with recursive s (n) as (select 0 union all select n + 1 from s where n + 1 < ${rows}) select n from s) as s`,
    run: async (sql) => void database.exec(sql),
    insertRaw: async () => void insert.run("x".repeat(1000)),
    async close() {
      database.close();
      await store.close();
      rmSync(dataDirectory, { recursive: true });
    },
  };
}

async function postgres(address: string): Promise<Filled> {
  const schema = `metergate_growth_${process.pid}`;
  const client = new pg.Client({ connectionString: address });
  await client.connect();
  await client.query(`create schema ${schema}`);
  await client.query(`set search_path to ${schema}`);
  await client.query("create table raw (id bigint generated always as identity primary key, text text)");
  const pool = new pg.Pool({ connectionString: address, max: 10 });
  const url = new URL(address);
  url.searchParams.set("schema", schema);
  const store = await openStore({ dataDirectory: "", databaseUrl: url.href, clock: systemClock });
  return {
    store,
    series: (rows) => `generate_series(0, ${rows - 1}) as s (n)`,
    run: async (sql) => void (await client.query(sql)),
    insertRaw: async () =>
      void (await pool.query({
        ...{ name: "raw", text: `insert into ${schema}.raw (text) values ($1)`, values: ["x".repeat(1000)] },
      })),
    async close() {
      await pool.end();
      await store.close();
      await client.query(`drop schema ${schema} cascade`);
      await client.end();
    },
  };
}

/** An empty database of a kind. */
export function openDatabase(kind: "sqlite" | "postgres", address: string): Promise<Filled> {
  return kind === "sqlite" ? sqlite() : postgres(address);
}

/** Inserts requests by the numbers of a series. */
export async function insertRequests(
  { run, series }: Filled,
  rows: number,
  { state, prefix, devices }: { state: "waiting" | "succeeded"; prefix: string; devices: number },
): Promise<void> {
  const isWaiting = state === "waiting";
  await run(
    `insert into request (correlation_uid, organisation, user_name, application, operation, device, route_device,
       family, writes, actions, action_count, priority, bypass_retry, accepted_ms, state, lane, due_ms, finished_ms)
     select '${prefix}' || n, 'Utility', 'clerk', 'ERP', 'GetFirmwareVersion', 'E' || (n % ${devices}),
       'E' || (n % ${devices}), 'dlms', 0, '[{"operation":"GetFirmwareVersion","request":{}}]', 1, 4, 0, 1000,
       '${state}', ${isWaiting ? "'ready'" : "null"}, 1000, ${isWaiting ? "null" : "2000"}
     from ${series(rows)}`,
  );
  if (isWaiting) {
    await run("insert into request_line (family, organisation) values ('dlms', 'Utility') on conflict do nothing");
    return;
  }
  await run(
    `insert into request_action (request_id, position, outcome, attempt)
     select id, 0, '{"ok":true,"result":{"versions":[{"module":"ACTIVE_FIRMWARE","version":"1.2.3"}]}}', 1
     from request where state = 'succeeded' and not exists (select 1 from request_action where request_id = id)`,
  );
}
