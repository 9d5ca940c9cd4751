import mssql from "mssql";
import { type Clock, since, systemClock } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { addressOf } from "../../src/store/sqlserver/address.ts";
import type { Store } from "../../src/store/store.ts";

/** A server for tests: `mssql://sa:password@host:1433/master`, whose user may create databases. */
const URL_OF_SERVER = process.env.METERGATE_TEST_SQLSERVER_URL;
const KEPT = ["metergate_migration", "message_log_head", "inventory_version"];

/** Databases of a test file, which are emptied and used again. */
class SqlServerDatabases {
  readonly #url: URL;
  readonly #free: string[] = [];
  readonly #all: string[] = [];
  #pool: Promise<mssql.ConnectionPool> | undefined;

  constructor(url: string) {
    this.#url = new URL(url);
  }

  async #run(sql: string): Promise<Record<string, unknown>[]> {
    const { options, ...address } = addressOf(this.#url.href);
    this.#pool ??= new mssql.ConnectionPool({ ...address, options: { ...options } } as mssql.config).connect();
    return (await (await this.#pool).request().query<Record<string, unknown>>(sql)).recordset;
  }

  urlOf(database: string): string {
    const url = new URL(this.#url);
    url.pathname = `/${database}`;
    return url.href;
  }

  /** A new empty database. */
  make = async (): Promise<string> => {
    const name = `metergate_test_${Date.now()}_${process.pid}_${this.#all.length}`;
    await this.#run(`create database ${name}`);
    this.#all.push(name);
    for (const option of ["read_committed_snapshot", "allow_snapshot_isolation"]) {
      await this.#run(`alter database ${name} set ${option} on with rollback immediate`);
    }
    return this.urlOf(name);
  };

  /** An empty store whose time is that of the clock. */
  open = async (clock: Clock = systemClock): Promise<Store> => {
    const databaseUrl = this.#free.pop() ?? (await this.make());
    const openedAt = { wallMs: clock.now(), elapsed: clock.elapsed() };
    const timeOf = () => ({
      nowMs: clock.now(),
      steadyMs: openedAt.wallMs + Math.floor(since(clock, openedAt.elapsed)),
    });
    const store = await openStore({ dataDirectory: "", databaseUrl, clock, timeOf });
    let closed: Promise<void> | undefined;
    const close = async () => {
      await store.close();
      await this.#empty(new URL(databaseUrl).pathname.slice(1));
      this.#free.push(databaseUrl);
    };
    return {
      ...store,
      close: () => {
        closed ??= close();
        return closed;
      },
    };
  };

  async #empty(database: string): Promise<void> {
    const rows = await this.#run(`select name from ${database}.sys.tables`);
    const tables = rows.map(({ name }) => `${database}.dbo.${name}`);
    const filled = tables.filter((table) => !KEPT.some((name) => table.endsWith(`.${name}`)));
    await this.#run(
      [
        ...tables.map((table) => `alter table ${table} nocheck constraint all`),
        ...filled.map((table) => `delete from ${table}`),
        ...tables.map((table) => `alter table ${table} with check check constraint all`),
        `update ${database}.dbo.message_log_head set next_index = 0, integrated = 0, signed = 0`,
      ].join(";\n"),
    );
  }

  /** Drops everything. */
  async close(): Promise<void> {
    for (const name of this.#all) {
      await this.#run(`alter database ${name} set single_user with rollback immediate; drop database ${name}`);
    }
    await (await this.#pool)?.close();
  }
}

/** Tests that need a server, or one that says that there is none. */
export function sqlServerOrSkip(what: string, describeTests: (databases: SqlServerDatabases) => void): void {
  if (URL_OF_SERVER === undefined) {
    it(`${what} is not tested here: METERGATE_TEST_SQLSERVER_URL names no server`, function () {
      this.skip();
    });
    return;
  }
  const databases = new SqlServerDatabases(URL_OF_SERVER);
  describe(`${what} (${new URL(URL_OF_SERVER).host})`, () => {
    after(() => databases.close());
    describeTests(databases);
  });
}
