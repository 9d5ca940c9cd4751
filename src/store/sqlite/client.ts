import BetterSqlite3Client, { type QueryObject } from "knex/lib/dialects/better-sqlite3/index.js";
import Database from "libsql";

type Statement = ReturnType<Database.Database["prepare"]>;

/** Statements kept prepared per connection; the ones of the request path are a few dozen. */
const MOST_STATEMENTS = 200;

const statements = new WeakMap<Database.Database, Map<string, Statement>>();

/** Prepares a statement, or takes the one that was prepared for the same text; the longest unused ones go. */
function prepare(connection: Database.Database, sql: string): Statement {
  const cache = statements.get(connection) ?? new Map<string, Statement>();
  statements.set(connection, cache);
  const statement = cache.get(sql) ?? connection.prepare(sql);
  cache.delete(sql);
  cache.set(sql, statement);
  if (cache.size > MOST_STATEMENTS) {
    const [oldest] = cache.keys();
    cache.delete(oldest!);
  }
  return statement;
}

/** libsql hands out BLOBs as ArrayBuffer where every other driver gives bytes. */
function withBytes(row: unknown): unknown {
  const columns = row as Record<string, unknown>;
  for (const name in columns) {
    if (columns[name] instanceof ArrayBuffer) columns[name] = new Uint8Array(columns[name]);
  }
  return columns;
}

/**
 * SQLite through libsql, for knex. Differs from knex's better-sqlite3 client in three things: BLOBs arrive as
 * Uint8Array, statements stay prepared, and a transaction takes the write lock when it begins: a deferred one that
 * reads before it writes fails with SQLITE_BUSY, without waiting, when another process wrote in between.
 */
export class LibsqlClient extends BetterSqlite3Client {
  _driver(): typeof Database {
    return Database;
  }

  async acquireRawConnection(): Promise<Database.Database> {
    const connection = new Database(this.connectionSettings.filename);
    connection.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    connection.pragma("journal_mode = WAL");
    connection.pragma(`wal_autocheckpoint = ${CHECKPOINT_AFTER_PAGES}`);
    connection.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;");
    return connection;
  }

  async _query(connection: Database.Database, query: QueryObject): Promise<QueryObject> {
    const sql = query.sql === "BEGIN;" ? "BEGIN IMMEDIATE;" : query.sql;
    const bindings = this._formatBindings(query.bindings);
    const statement = prepare(connection, sql);
    if (statement.reader) {
      query.response = statement.all(bindings).map(withBytes);
    } else {
      const { changes, lastInsertRowid } = statement.run(bindings);
      query.response = [];
      query.context = { changes, lastID: lastInsertRowid };
    }
    return query;
  }
}

/**
 * Pages in the write-ahead log after which they are moved into the database file: 16 MB. All commits wait for that, so
 * it is done four times less often than by default; the pages that were written many times are then moved once.
 */
const CHECKPOINT_AFTER_PAGES = 4000;

/** How long a statement waits for another process, e.g. a CLI command that imports devices. */
const BUSY_TIMEOUT_MS = 10_000;
