import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { StoreError } from "../errors.ts";
import { Connection } from "./connection.ts";
import { MIGRATIONS } from "./migrations/index.ts";

export interface OpenSettings {
  /** Directory that the database file lives in; made when missing, readable by its owner only. */
  readonly dataDirectory: string;
  /** Only look: neither create, migrate nor write anything. */
  readonly readOnly: boolean;
  /** Epoch milliseconds. */
  readonly nowMs: number;
}

const FILE_NAME = "metergate.db";

/**
 * Pages in the write-ahead log after which they are moved into the database file: 16 MB. All commits wait for that, so
 * it is done four times less often than by default; the pages that were written many times are then moved once.
 */
const CHECKPOINT_AFTER_PAGES = 4000;
/** How long opening waits for another process, which may be bringing the schema up to date. */
const OPEN_TIMEOUT_MS = 10_000;
/** How long one try of a statement waits for another process: reads that came meanwhile wait as long. */
const BUSY_TIMEOUT_MS = 10;

/** Words for what an operator can do something about. */
const REASONS: Record<string, string> = {
  ENOSPC: "there is no space left on the disk",
  SQLITE_FULL: "there is no space left on the disk",
  EROFS: "the file system cannot be written",
  SQLITE_READONLY: "the file or its file system cannot be written",
  EACCES: "this user may not",
  SQLITE_CANTOPEN: "this user may not, or the file system cannot be written",
  SQLITE_BUSY: "another process keeps it locked",
};

/** SQLite's numbers for what keeps a file from being opened, which libsql tells without a code. */
const OPEN_CODES: Record<string, string> = { 8: "SQLITE_READONLY", 13: "SQLITE_FULL", 14: "SQLITE_CANTOPEN" };

/** What went wrong, in words; never with values. */
export function reasonOf(error: unknown): string {
  const { code: told, message } = error as { code?: string; message: string };
  const [, number = ""] = /^ConnectionFailed\(".*: (\d+)"\)$/.exec(message) ?? [];
  const code = OPEN_CODES[number] ?? told ?? "";
  // Extended codes say more than anybody needs: SQLITE_READONLY_DIRECTORY.
  const [known] = Object.keys(REASONS).filter((each) => code === each || code.startsWith(`${each}_`));
  return known === undefined ? message : `${REASONS[known]} (${message})`;
}

/**
 * Opens the database of a data directory, creates it when there is none, and brings its schema up to date.
 * @throws StoreError DATABASE_UNUSABLE, DATABASE_SCHEMA_MISMATCH
 */
export function openConnection(settings: OpenSettings): { readonly db: Connection; readonly filename: string } {
  const filename = join(settings.dataDirectory, FILE_NAME);
  let db: Connection | undefined;
  try {
    db = settings.readOnly ? openToLook(filename) : openToWrite(filename);
    if (settings.readOnly) requireCurrent(db, filename);
    else migrate(db, filename, settings.nowMs);
    db.execute(`pragma busy_timeout = ${BUSY_TIMEOUT_MS}`);
    return { db, filename };
  } catch (error) {
    db?.close();
    if (error instanceof StoreError) throw error;
    throw new StoreError("DATABASE_UNUSABLE", `${filename} cannot be opened: ${reasonOf(error)}`, error);
  }
}

function openToWrite(filename: string): Connection {
  mkdirSync(join(filename, ".."), { recursive: true, mode: 0o700 });
  return configured(new Connection(filename), (db) => {
    db.execute(`pragma journal_mode = wal; pragma wal_autocheckpoint = ${CHECKPOINT_AFTER_PAGES}`);
    db.execute("pragma synchronous = full; pragma foreign_keys = on");
  });
}

function openToLook(filename: string): Connection {
  if (!existsSync(filename)) {
    throw new StoreError("DATABASE_UNUSABLE", `there is no database ${filename}; METERGATE_DATA_DIR says where it is`);
  }
  const address = pathToFileURL(filename).href;
  try {
    return configured(new Connection(`${address}?mode=ro`));
  } catch (error) {
    // Next to a write-ahead log SQLite wants to write a file of its own; without one, on a file system that cannot be
    // written, nobody changes what we read.
    const log = statSync(`${filename}-wal`, { throwIfNoEntry: false });
    if (log && log.size > 0) throw error;
    return configured(new Connection(`${address}?immutable=1`));
  }
}

/** Settles how a connection works, and reads from it once: SQLite opens the file no sooner. */
function configured(db: Connection, configure: (db: Connection) => void = () => {}): Connection {
  try {
    db.execute(`pragma busy_timeout = ${OPEN_TIMEOUT_MS}`);
    configure(db);
    db.get("select count(*) from sqlite_master");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Release 0.1.0 migrated with knex, and looks into its table to find out whether a newer version was here. */
const TABLE = "knex_migrations";

function appliedSteps(db: Connection): string[] {
  const exists = db.get("select 1 from sqlite_master where name = ?", TABLE) !== undefined;
  return exists ? db.all<{ name: string }>(`select name from ${TABLE} order by id`).map(({ name }) => name) : [];
}

function mismatch(filename: string, reason: string, cause?: unknown): StoreError {
  return new StoreError("DATABASE_SCHEMA_MISMATCH", `${filename} ${reason}`, cause);
}

/** Steps that are to be done. @throws StoreError when a newer version has been here */
function missingSteps(db: Connection, filename: string): typeof MIGRATIONS {
  const applied = appliedSteps(db);
  const newer = applied.filter((name) => !MIGRATIONS.some((step) => step.name === name));
  if (newer.length > 0) {
    throw mismatch(filename, `cannot be brought to this version: a newer one has written it (${newer.join(", ")})`);
  }
  return MIGRATIONS.filter((step) => !applied.includes(step.name));
}

function requireCurrent(db: Connection, filename: string): void {
  const missing = missingSteps(db, filename);
  if (missing.length === MIGRATIONS.length) throw mismatch(filename, "holds no data of Metergate");
  if (missing.length > 0) throw mismatch(filename, "was written by an older version; start the service once");
}

/** All steps or none: a process that is killed on the way leaves neither half a schema nor a lock. */
function migrate(db: Connection, filename: string, nowMs: number): void {
  if (missingSteps(db, filename).length === 0) return;
  db.execute("begin immediate");
  try {
    db.execute(`create table if not exists ${TABLE} (
      id integer primary key autoincrement, name varchar(255), batch integer, migration_time datetime)`);
    // Another process may have done it while we waited for the lock.
    for (const { name, statements, convert } of missingSteps(db, filename)) {
      for (const statement of statements) db.execute(statement);
      convert?.(db);
      db.run(`insert into ${TABLE} (name, batch, migration_time) values (?, 1, ?)`, name, nowMs);
      db.prepareAnew();
    }
    db.execute("commit");
  } catch (error) {
    if (db.inTransaction) db.execute("rollback");
    if (error instanceof StoreError || reasonOf(error) !== (error as Error).message) throw error;
    throw mismatch(filename, `cannot be brought to this version: ${reasonOf(error)}`, error);
  }
}
