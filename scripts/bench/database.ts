import { join } from "node:path";
import Libsql from "libsql";
import pg from "pg";
import { threadMs } from "./child.ts";

/** A database beside the store that uses it: filled and asked behind the store's back. */
export interface BesideStore {
  /** As the setting has it; undefined for the embedded one. */
  readonly url: string | undefined;
  /** Rows numbered from 0 as `n`, to select from. */
  series(rows: number): string;
  run(sql: string): Promise<void>;
  /** The first column of the first row. */
  number(sql: string): Promise<number>;
  /** Processor time of the server's connections to this database so far, in microseconds, where it runs here. */
  processorUs(): Promise<number>;
  /** Brings what was filled in into the state that time brings it into, and leaves it so. */
  settle(): Promise<void>;
  /** What it takes on disk. */
  sizeMb(): Promise<number>;
  /** Does something and tells how many pages of tables and indexes were read and changed, wherever they were; NaN where nobody counts. */
  pagesOf(work: () => Promise<unknown>): Promise<number>;
  /** A server's database goes with it. */
  close(): Promise<void>;
}

export function besideSqlite(dataDirectory: string): BesideStore {
  const database = new Libsql(join(dataDirectory, "metergate.db"));
  database.exec("pragma synchronous = full; pragma busy_timeout = 30000");
  const number = (sql: string) => Number((database.prepare(sql).raw().get([]) as unknown[] | undefined)?.[0]);
  return {
    url: undefined,
    series: (rows) =>
      `(with recursive s (n) as (select 0 union all select n + 1 from s where n + 1 < ${rows}) select n from s) as s`,
    run: async (sql) => void database.exec(sql),
    number: async (sql) => number(sql),
    processorUs: async () => 0,
    settle: async () => void database.exec("analyze"),
    sizeMb: async () => number("select page_count * page_size / 1048576.0 from pragma_page_count, pragma_page_size"),
    async pagesOf(work) {
      await work();
      return Number.NaN;
    },
    close: async () => void database.close(),
  };
}

/** How long a connection of PostgreSQL that does nothing may keep its counts of pages to itself, and a little more. */
const COUNTED_AFTER_MS = 11_000;

/** A database of its own on a server, under a name that nobody else has. */
export async function newPostgres(address: string): Promise<BesideStore> {
  const name = `metergate_bench_${process.pid}_${Date.now()}`;
  const admin = new pg.Client({ connectionString: address });
  await admin.connect();
  await admin.query(`create database ${name}`);
  const url = new URL(address);
  url.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const number = async (sql: string) => {
    const { rows } = await client.query<unknown[]>({ text: sql, rowMode: "array" });
    return Number(rows[0]?.[0]);
  };
  const usOf = new Map<number, number>();
  return {
    url: url.href,
    series: (rows) => `generate_series(0, ${rows - 1}) as s (n)`,
    run: async (sql) => void (await client.query(sql)),
    number,
    async processorUs() {
      const { rows } = await client.query<{ pid: number }>(
        "select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      // Connections that are gone keep what they used.
      for (const { pid } of rows) usOf.set(pid, (threadMs(pid)?.ran ?? Number.NaN) * 1000);
      return [...usOf.values()].reduce((sum, us) => sum + us, 0);
    },
    async settle() {
      await client.query("vacuum (analyze)");
      for (const table of ["request", "request_action"]) {
        await client.query(`alter table ${table} set (autovacuum_enabled = off)`);
      }
      await client.query("checkpoint");
    },
    sizeMb: () => number("select pg_database_size(current_database()) / 1048576.0"),
    async pagesOf(work) {
      const pages = async () => {
        await new Promise((resolve) => setTimeout(resolve, COUNTED_AFTER_MS));
        return number(`select sum(heap_blks_hit + heap_blks_read + idx_blks_hit + idx_blks_read)
          from pg_statio_user_tables`);
      };
      const before = await pages();
      await work();
      return (await pages()) - before;
    },
    async close() {
      await client.end();
      await admin.query(`drop database ${name} with (force)`);
      await admin.end();
    },
  };
}

export interface Filling {
  readonly state: "waiting" | "succeeded";
  /** Of the correlation UIDs, which have a number behind it. */
  readonly prefix: string;
  readonly organisation: string;
  /** The device of row `n`, in SQL. */
  readonly device: string;
}

/** Inserts requests of priority 4 as the store would have them. */
export async function insertRequests(
  { run, series }: Pick<BesideStore, "run" | "series">,
  rows: number,
  { state, prefix, organisation, device }: Filling,
): Promise<void> {
  const isWaiting = state === "waiting";
  await run(
    `insert into request (correlation_uid, organisation, user_name, application, operation, device, route_device,
       family, writes, actions, action_count, priority, bypass_retry, accepted_ms, state, lane, due_ms, finished_ms)
     select '${prefix}' || n, '${organisation}', 'clerk', 'ERP', 'GetFirmwareVersion', ${device}, ${device}, 'dlms', 0,
       '[{"operation":"GetFirmwareVersion","request":{}}]', 1, 4, 0, 1000,
       '${state}', ${isWaiting ? "'ready'" : "null"}, 1000, ${isWaiting ? "null" : "2000"}
     from ${series(rows)}`,
  );
  if (isWaiting) {
    const line = `values ('dlms', '${organisation}')`;
    await run(`insert into request_line (family, organisation) ${line} on conflict do nothing`);
    return;
  }
  await run(
    `insert into request_action (request_id, position, outcome, attempt)
     select id, 0, '{"ok":true,"result":{"versions":[{"module":"ACTIVE_FIRMWARE","version":"1.2.3"}]}}', 1
     from request where state = 'succeeded' and not exists (select 1 from request_action where request_id = id)`,
  );
}
