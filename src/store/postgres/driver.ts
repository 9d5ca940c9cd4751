import knex, { type Knex } from "knex";
import type { Client, QueryConfig, QueryResult } from "pg";
import { systemRandom } from "../../lib/random.ts";
import {
  type Answer,
  type Begun,
  type Driver,
  type FailureKind,
  MARK_KEPT_MS,
  type SqlValue,
  type Statement,
  type Statements,
  type Transaction,
  type Wire,
} from "../server/session.ts";
import { NOW_MS, STATEMENTS } from "./statements.ts";

export interface PostgresSettings {
  /** `postgres://user:password@host:port/database`; parameters as libpq has them, e.g. `?sslmode=verify-full`. */
  readonly url: string;
  /** Where the tables are; `public` when absent. */
  readonly schema?: string | undefined;
  /** Only look: nothing is created or written. */
  readonly readOnly: boolean;
  /** Most connections at a time. */
  readonly connections: number;
}

/** How long one statement may take: more than any of ours does, less than what callers wait for an answer. */
const STATEMENT_TIMEOUT_MS = 20_000;
/** How long a lock is waited for before the transaction is tried anew. */
const LOCK_TIMEOUT_MS = 5_000;
/** How long a transaction may stand still: whoever holds its locks has stopped, and others wait for them. */
const IDLE_TIMEOUT_MS = 15_000;
/** How long a connection may take to be made, and a place in the pool to become free. */
const CONNECT_TIMEOUT_MS = 10_000;

const INT8 = 20;
const NUMERIC = 1700;
const BYTEA = 17;

/** Numbers as numbers (all of ours are below 2^53) and octets as the reader's own. */
const TYPES = {
  getTypeParser(oid: number, format?: "text" | "binary"): (value: string) => unknown {
    if (format === "binary") return (value) => value;
    if (oid === INT8 || oid === NUMERIC || oid === 23 || oid === 21) return Number;
    if (oid === BYTEA) return (value) => new Uint8Array(Buffer.from(value.slice(2), "hex"));
    if (oid === 16) return (value) => value === "t";
    return (value) => value;
  },
};

/** Codes of PostgreSQL for a transaction that was undone because of others. */
const AGAIN = new Set([
  "40001", // serialization_failure
  "40P01", // deadlock_detected
  "55P03", // lock_not_available
  "0A000", // a statement was prepared before the schema changed; on another connection it is prepared anew
]);
/** Codes for a connection or a server that is gone, or not there yet: of PostgreSQL, and of the system. */
const LOST = /^(08...|57P0[1-5]|53300|25P03|ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN|ENOTFOUND)$/;
/** What pg says without a code. */
const LOST_TEXT =
  /^(Connection terminated|Client has encountered a connection error|timeout expired|Query read timeout)/;

function kindOf(error: unknown): FailureKind {
  const { code, message = "", name } = error as { code?: unknown; message?: string; name?: string };
  if (name === "KnexTimeoutError" || name === "TimeoutError") return "lost";
  if (typeof code === "string") return AGAIN.has(code) ? "again" : LOST.test(code) ? "lost" : "refused";
  return LOST_TEXT.test(message) ? "lost" : "refused";
}

/** Texts with `?` as PostgreSQL numbers them, under the name that they are prepared with. */
const texts = new Map<string, { readonly name: string; readonly text: string }>();
/** Statements kept prepared; those with a list of rows vary in few lengths. */
const MOST_TEXTS = 500;

function prepared(sql: string): { readonly name?: string; readonly text: string } {
  const known = texts.get(sql);
  if (known) return known;
  let parameters = 0;
  const text = sql.replaceAll("?", () => `$${++parameters}`);
  if (texts.size >= MOST_TEXTS) return { text };
  const made = { name: `s${texts.size}`, text };
  texts.set(sql, made);
  return made;
}

/** PostgreSQL keeps no octet 0 in a text; it comes from devices only, and says nothing. */
function toParameter(value: SqlValue): unknown {
  if (typeof value === "string") return value.includes("\0") ? value.replaceAll("\0", "\ufffd") : value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  return value;
}

/** A connection of the pool as knex marks it. */
type PooledClient = Client & { __knex__disposed?: unknown };

/** The latest transaction of each connection that wrote. */
const latest = new WeakMap<Client, Transaction>();

/**
 * Connections only read by themselves: what is sent with a beginning that is refused would else be written at once, each
 * statement for itself.
 */
export const BEGIN_WRITING = "begin read write";
const ONLY_READING = "-c default_transaction_read_only=on";

/** Has a transaction leave its mark with what it writes. */
const MARK = `insert into commit_mark (connection, number, at_ms) values (?, ?, ${NOW_MS})
  on conflict (connection) do update set number = excluded.number, at_ms = excluded.at_ms
  returning at_ms as "databaseMs", pg_current_xact_id()::text as id, nextval('message_log_batch') as batch`;
const PURGE_MARKS = `delete from commit_mark where at_ms < ${NOW_MS} - ${MARK_KEPT_MS}`;

class PostgresWire implements Wire {
  readonly #client: PooledClient;
  readonly #pool: Knex.Client;
  readonly #begin: Statement;

  constructor(client: PooledClient, pool: Knex.Client, readOnly: boolean) {
    this.#client = client;
    this.#pool = pool;
    this.#begin = { sql: readOnly ? "begin" : BEGIN_WRITING, values: [] };
  }

  /** All are sent at once. Of a transaction that failed, the server refuses the rest, a commit too, which undoes it. */
  async query(sql: string, values: readonly SqlValue[], before: readonly Statement[] = []): Promise<Answer> {
    const answers = await Promise.all([...before, { sql, values }].map((each) => this.#send(each)));
    const { rows, rowCount } = answers.at(-1)!;
    return { rows, count: rowCount ?? 0 };
  }

  #send({ sql, values }: Statement): Promise<QueryResult> {
    const { stream } = this.#client.connection;
    // What is sent in this turn of the event loop goes in one piece.
    stream.cork();
    process.nextTick(() => stream.uncork());
    const config: QueryConfig = { ...prepared(sql), values: values.map(toParameter) };
    return this.#client.query(config);
  }

  async begin(writes: boolean): Promise<Begun> {
    if (!writes) {
      const { rows } = await this.query(STATEMENTS.now, [], [this.#begin]);
      return { databaseMs: rows[0]!.databaseMs as number, batch: 0 };
    }
    const { connection, number } = latest.get(this.#client) ?? { connection: systemRandom.uuid(), number: 0 };
    const mark = { connection, number: number + 1 };
    latest.set(this.#client, mark);
    // The first one of a connection takes old marks away.
    const before = number === 0 ? [this.#begin, { sql: PURGE_MARKS, values: [] }] : [this.#begin];
    const { rows } = await this.query(MARK, [mark.connection, mark.number], before);
    const { id, ...begun } = rows[0] as Omit<Begun, "transaction"> & { id: string };
    return { ...begun, transaction: { id, ...mark } };
  }

  async commit(last: readonly Statement[] = []): Promise<void> {
    await this.query("commit", [], last);
  }

  async rollback(): Promise<void> {
    await this.#client.query("rollback").catch((error: unknown) => {
      this.#client.__knex__disposed = error;
    });
  }

  release(): void {
    void this.#pool.releaseConnection(this.#client);
  }

  destroy(): void {
    this.#client.__knex__disposed ??= "nobody knows what state it is in";
    this.#client.end().catch(() => {});
    this.release();
  }
}

/** Connections to a PostgreSQL database. */
export class PostgresDriver implements Driver {
  readonly kindOf = kindOf;
  readonly among = "= any(?)";
  readonly statements: Statements = STATEMENTS;
  readonly #knex: Knex;
  readonly #readOnly: boolean;

  constructor({ url, schema, readOnly, connections }: PostgresSettings) {
    this.#readOnly = readOnly;
    const address = new URL(url);
    // What the operator sets for the session goes with what we do.
    const given = address.searchParams.get("options") ?? "";
    address.searchParams.delete("options");
    this.#knex = knex({
      client: "pg",
      // Whoever waits for a connection is told what is wrong with it.
      log: { warn() {}, error() {}, debug() {}, deprecate() {} },
      // What is asked of the version is not needed, and costs a round trip.
      version: "15",
      connection: {
        connectionString: address.href,
        application_name: "metergate",
        connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
        keepAlive: true,
        statement_timeout: STATEMENT_TIMEOUT_MS,
        lock_timeout: LOCK_TIMEOUT_MS,
        idle_in_transaction_session_timeout: IDLE_TIMEOUT_MS,
        query_timeout: STATEMENT_TIMEOUT_MS + CONNECT_TIMEOUT_MS,
        options: [given, "-c timezone=UTC", ONLY_READING].join(" ").trim(),
        types: TYPES,
        // What is asked is sent at once, and not only when all before it is answered.
        pipeline: true,
      } as Knex.PgConnectionConfig,
      ...(schema !== undefined && { searchPath: schema }),
      pool: { min: 0, max: connections, acquireTimeoutMillis: CONNECT_TIMEOUT_MS },
      acquireConnectionTimeout: CONNECT_TIMEOUT_MS,
    });
  }

  async acquire(): Promise<Wire> {
    const { client } = this.#knex;
    return new PostgresWire(await client.acquireConnection(), client, this.#readOnly);
  }

  /**
   * The mark tells once the transaction runs no more, and not what the server says of its number: after a crash that
   * number may be another one's.
   */
  async outcomeOf({ id, connection, number }: Transaction): Promise<"committed" | "aborted" | "unknown"> {
    const wire = await this.acquire();
    try {
      const running = await wire.query("select 1 from pg_locks where transactionid = ?::xid8::xid", [id!]);
      // What was committed before its lock went is seen from here on.
      const marked = await wire.query("select 1 from commit_mark where connection = ? and number = ?", [
        connection,
        number,
      ]);
      wire.release();
      if (marked.count > 0) return "committed";
      return running.count > 0 ? "unknown" : "aborted";
    } catch (error) {
      wire.destroy();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.#knex.destroy();
  }
}
