import pg from "pg";
import { type Clock, since, systemClock } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";

/** The server that tests use; theirs are schemas of their own. */
const URL_OF_SERVER = process.env.METERGATE_TEST_POSTGRES_URL ?? "postgres://postgres@127.0.0.1:5432/test";
const PREFIX = "metergate_test_";
/** Schemas of runs that were killed are older than any run takes. */
const OLD_MS = 3_600_000;

/** A connection of the test's own, to look behind the ports or break something there. */
async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: URL_OF_SERVER, connectionTimeoutMillis: 20_000 });
  client.on("error", () => {});
  await client.connect();
  return client;
}

/** Whether there is a server; says why not. */
export async function findPostgres(): Promise<{ version: string } | { missing: string }> {
  try {
    const client = await connect();
    const { rows } = await client.query("show server_version");
    await client.end();
    return { version: rows[0].server_version };
  } catch (error) {
    const { host } = new URL(URL_OF_SERVER);
    return {
      missing: `no PostgreSQL answers at ${host}: ${(error as Error).message || (error as { code?: string }).code}`,
    };
  }
}

export interface PostgresStore extends Store {
  readonly url: string;
  /** Runs a statement behind the store's back. */
  sql<Row = Record<string, unknown>>(text: string, ...values: unknown[]): Promise<Row[]>;
}

/** Schemas of a test file, which are emptied and used again. */
export class PostgresSchemas {
  readonly #free: string[] = [];
  readonly #all: string[] = [];
  #client: pg.Client | undefined;

  async #admin(): Promise<pg.Client> {
    this.#client ??= await connect();
    return this.#client;
  }

  urlOf(schema: string): string {
    const url = new URL(URL_OF_SERVER);
    url.searchParams.set("schema", schema);
    url.searchParams.set("application_name", schema);
    // No test proves anything by waiting for a disk.
    url.searchParams.set("options", "-c synchronous_commit=off");
    return url.href;
  }

  /** A new empty schema. */
  async make(): Promise<string> {
    const client = await this.#admin();
    if (this.#all.length === 0) await this.#dropOld(client);
    const schema = `${PREFIX}${Date.now()}_${process.pid}_${this.#all.length}`;
    await client.query(`create schema ${schema}`);
    this.#all.push(schema);
    return schema;
  }

  /** An empty store whose time is that of the clock. */
  open = async (clock: Clock = systemClock): Promise<PostgresStore> =>
    this.openAt(clock, (schema) => this.urlOf(schema));

  /** The same, by another address of the schema. */
  async openAt(clock: Clock, addressOf: (schema: string) => string): Promise<PostgresStore> {
    const schema = this.#free.pop() ?? (await this.make());
    const url = addressOf(schema);
    const openedAt = { wallMs: clock.now(), elapsed: clock.elapsed() };
    const timeOf = () => ({
      nowMs: clock.now(),
      steadyMs: openedAt.wallMs + Math.floor(since(clock, openedAt.elapsed)),
    });
    const store = await openStore({ dataDirectory: "", databaseUrl: url, clock, timeOf });
    const client = await this.#admin();
    let closed: Promise<void> | undefined;
    return {
      ...store,
      url,
      sql: async (text, ...values) => {
        await client.query(`set search_path to ${schema}`);
        return (await client.query(text, values)).rows;
      },
      close: () => {
        closed ??= (async () => {
          await store.close();
          await this.#empty(client, schema);
          this.#free.push(schema);
        })();
        return closed;
      },
    };
  }

  /** Drops everything. */
  async close(): Promise<void> {
    for (const schema of this.#all.splice(0)) await this.#client?.query(`drop schema if exists ${schema} cascade`);
    await this.#client?.end();
    this.#client = undefined;
  }

  async #empty(client: pg.Client, schema: string): Promise<void> {
    const { rows } = await client.query("select tablename from pg_tables where schemaname = $1", [schema]);
    const kept = ["metergate_migration", "message_log_head", "inventory_version"];
    const tables = rows.map(({ tablename }) => tablename).filter((name: string) => !kept.includes(name));
    const statements = tables.map((name: string) => `delete from ${schema}.${name}`);
    await client.query(
      ["set session_replication_role = replica", ...statements, "set session_replication_role = origin"].join(";"),
    );
    await client.query(`update ${schema}.message_log_head set next_index = 0, integrated = 0, signed = 0`);
  }

  async #dropOld(client: pg.Client): Promise<void> {
    const { rows } = await client.query("select nspname from pg_namespace where nspname like $1", [`${PREFIX}%`]);
    for (const { nspname } of rows) {
      const madeMs = Number(nspname.slice(PREFIX.length).split("_")[0]);
      if (madeMs < Date.now() - OLD_MS) await client.query(`drop schema if exists ${nspname} cascade`);
    }
  }
}

const found = await findPostgres();

/** Tests that need a server, or one that says why there is none. */
export function postgresOrSkip(what: string, describeTests: (schemas: PostgresSchemas) => void): void {
  if ("missing" in found) {
    it(`${what} is not tested here: ${found.missing}`, function () {
      this.skip();
    });
    return;
  }
  const schemas = new PostgresSchemas();
  describe(`${what} (PostgreSQL ${found.version})`, () => {
    after(() => schemas.close());
    describeTests(schemas);
  });
}
