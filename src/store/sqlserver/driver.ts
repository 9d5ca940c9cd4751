import mssql, { type ConnectionPool, type IIsolationLevel, type IRecordSet } from "mssql";
import { systemRandom } from "../../lib/random.ts";
import { StoreError } from "../errors.ts";
import {
  type Answer,
  type Begun,
  type Driver,
  MARK_KEPT_MS,
  type SqlValue,
  type Statement,
  type Statements,
  type Transaction,
  type Wire,
} from "../server/session.ts";
import { addressOf } from "./address.ts";
import { kindOf, withoutValues } from "./failures.ts";
import { NOW_MS, STATEMENTS } from "./statements.ts";
import { named, toRows, typed } from "./values.ts";

export interface SqlServerSettings {
  /** `mssql://user:password@host:port/database`. */
  readonly url: string;
  /** Only look: nothing is created or written. */
  readonly readOnly: boolean;
  /** Most connections at a time. */
  readonly connections: number;
  /** How long one statement may take. */
  readonly statementTimeoutMs?: number | undefined;
}

/** How long one statement may take: more than any of ours does, less than what callers wait for an answer. */
const STATEMENT_TIMEOUT_MS = 20_000;
/** How long a connection may take to be made, and a place in the pool to become free. */
const CONNECT_TIMEOUT_MS = 10_000;

/** Leaves a mark with what a transaction writes. */
const MARK = `update commit_mark set number = @p2, at_ms = ${NOW_MS} where connection = @p1;
  if @@rowcount = 0 insert into commit_mark (connection, number, at_ms) values (@p1, @p2, ${NOW_MS});
  select ${NOW_MS} as databaseMs, next value for message_log_batch as batch;`;
const PURGE_MARKS = `delete from commit_mark with (readpast, rowlock) where at_ms < ${NOW_MS} - ${MARK_KEPT_MS}`;
/** Waits for whoever holds the mark: it tells once the transaction has ended, however it did. */
const READ_MARK = "select 1 as found from commit_mark with (readcommittedlock) where connection = @p1 and number = @p2";
const VERSIONED = `select name, is_read_committed_snapshot_on as versioned from sys.databases
  where database_id = db_id()`;

/** Transactions of one mark come one after the other; a mark is of one process and, while it is used, of one connection. */
interface Mark {
  readonly connection: string;
  readonly number: number;
}

/** What the driver answers; what it is refused with goes into logs. */
async function told<T>(answer: Promise<T>): Promise<T>;
async function told<T>(answer: Promise<T> | undefined): Promise<T | undefined>;
async function told<T>(answer: Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    throw withoutValues(error);
  }
}

class SqlServerWire implements Wire {
  readonly #pool: ConnectionPool;
  readonly #readOnly: boolean;
  /** Marks that no transaction uses just now. */
  readonly #marks: Mark[];
  #transaction: mssql.Transaction | undefined;
  #mark: Mark | undefined;
  /** The driver sends nothing before it has ended. */
  #beginning: Promise<Begun> | undefined;

  constructor(pool: ConnectionPool, readOnly: boolean, marks: Mark[]) {
    this.#pool = pool;
    this.#readOnly = readOnly;
    this.#marks = marks;
  }

  /** One after the other: the driver sends nothing in a transaction before the answer of what came before. */
  async query(sql: string, values: readonly SqlValue[], before: readonly Statement[] = []): Promise<Answer> {
    await this.#beginning;
    for (const each of before) await this.#ask(each);
    return this.#ask({ sql, values });
  }

  async #ask({ sql, values }: Statement): Promise<Answer> {
    const request = this.#transaction ? this.#transaction.request() : this.#pool.request();
    for (const [at, value] of values.entries()) {
      const { type, value: bound } = typed(value);
      request.input(`p${at + 1}`, type, bound);
    }
    const { recordsets, rowsAffected } = await told(request.query<Record<string, unknown>>(named(sql, values)));
    const sets = recordsets as IRecordSet<Record<string, unknown>>[];
    const rows = sets.flatMap(toRows);
    return { rows, count: sets.length > 0 ? rows.length : rowsAffected.reduce((sum, rows) => sum + rows, 0) };
  }

  begin(writes: boolean): Promise<Begun> {
    this.#beginning = this.#begin(writes);
    return this.#beginning;
  }

  async #begin(writes: boolean): Promise<Begun> {
    if (writes && this.#readOnly) throw new StoreError("DATABASE_UNUSABLE", "the database is only looked into");
    await this.beginAt(mssql.ISOLATION_LEVEL.READ_COMMITTED);
    try {
      if (writes) return await this.#leaveMark();
      const { rows } = await this.#ask({ sql: STATEMENTS.now, values: [] });
      return { databaseMs: rows[0]!.databaseMs as number, batch: 0 };
    } catch (error) {
      await this.#undo();
      throw error;
    }
  }

  async beginAt(level: IIsolationLevel): Promise<void> {
    const transaction = this.#pool.transaction();
    await told(transaction.begin(level));
    this.#transaction = transaction;
  }

  async #leaveMark(): Promise<Begun> {
    const { connection, number } = this.#marks.pop() ?? { connection: systemRandom.uuid(), number: 0 };
    const mark = { connection, number: number + 1 };
    if (number === 0) await this.#ask({ sql: PURGE_MARKS, values: [] });
    const { rows } = await this.#ask({ sql: MARK, values: [mark.connection, mark.number] });
    this.#mark = mark;
    const { databaseMs, batch } = rows[0] as { databaseMs: number; batch: number };
    return { databaseMs, batch, transaction: mark };
  }

  async commit(last: readonly Statement[] = []): Promise<void> {
    await this.#beginning;
    for (const each of last) await this.#ask(each);
    const { transaction, mark } = this.#end();
    await told(transaction?.commit());
    if (mark) this.#marks.push(mark);
  }

  async rollback(): Promise<void> {
    // What did not begin is undone.
    await this.#beginning?.catch(() => {});
    await this.#undo();
  }

  async #undo(): Promise<void> {
    const { transaction, mark } = this.#end();
    try {
      // What the server undid by itself is refused here.
      await transaction?.rollback();
      if (mark) this.#marks.push(mark);
    } catch {}
  }

  /** A mark is used again once its transaction is known to have ended: until then, another one would wait for it. */
  #end(): { transaction: mssql.Transaction | undefined; mark: Mark | undefined } {
    const ended = { transaction: this.#transaction, mark: this.#mark };
    this.#transaction = undefined;
    this.#mark = undefined;
    return ended;
  }

  /** The pool has the connection already, which goes back with the end of a transaction or statement. */
  release(): void {}

  destroy(): void {
    void this.rollback();
  }
}

/** Connections to an SQL Server database. */
export class SqlServerDriver implements Driver {
  readonly kindOf = kindOf;
  readonly among = "in ?";
  readonly statements: Statements = STATEMENTS;
  readonly #settings: SqlServerSettings;
  readonly #marks: Mark[] = [];
  #pool: Promise<ConnectionPool> | undefined;

  constructor(settings: SqlServerSettings) {
    this.#settings = settings;
  }

  async acquire(): Promise<SqlServerWire> {
    this.#pool ??= this.#connect();
    try {
      return new SqlServerWire(await this.#pool, this.#settings.readOnly, this.#marks);
    } catch (error) {
      this.#pool = undefined;
      throw error;
    }
  }

  async outcomeOf({ connection, number }: Transaction): Promise<"committed" | "aborted" | "unknown"> {
    const wire = await this.acquire();
    const { count } = await wire.query(READ_MARK, [connection, number]);
    return count > 0 ? "committed" : "aborted";
  }

  async close(): Promise<void> {
    const pool = await this.#pool?.catch(() => undefined);
    await pool?.close();
  }

  async #connect(): Promise<ConnectionPool> {
    const { url, connections, statementTimeoutMs = STATEMENT_TIMEOUT_MS } = this.#settings;
    const { options, ...address } = addressOf(url);
    const pool = new mssql.ConnectionPool({
      ...address,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: statementTimeoutMs,
      validateConnection: "socket",
      options: { ...options, appName: "metergate", abortTransactionOnError: true },
      pool: { min: 0, max: connections, acquireTimeoutMillis: CONNECT_TIMEOUT_MS },
    } as mssql.config);
    // Whoever waits for a connection is told what is wrong with it.
    pool.on("error", () => {});
    await pool.connect();
    try {
      await requireVersions(new SqlServerWire(pool, true, []));
      return pool;
    } catch (error) {
      await pool.close();
      throw error;
    }
  }
}

/** Readers and writers would wait for each other. */
async function requireVersions(wire: Wire): Promise<void> {
  const { rows } = await wire.query(VERSIONED, []);
  const { name, versioned } = rows[0] as { name: string; versioned: boolean };
  if (versioned) return;
  const statement = `alter database [${name}] set read_committed_snapshot on with rollback immediate`;
  throw new StoreError("DATABASE_UNUSABLE", `the database keeps no versions of rows for readers: ${statement}`);
}
