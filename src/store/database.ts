import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import knexModule, { type Knex } from "knex";
import type { Dialect } from "./dialect.ts";
import { StoreError } from "./errors.ts";
import { GroupCommit } from "./group-commit.ts";
import { migrationSource } from "./migrations/index.ts";
import { LibsqlClient } from "./sqlite/client.ts";
import { sqliteDialect } from "./sqlite/dialect.ts";

export interface DatabaseSettings {
  /** Directory that the database file lives in; made when missing, readable by its owner only. */
  readonly dataDirectory: string;
}

/** Runs statements: inside a transaction when it is one's, else each on its own. */
export type Transaction = Knex;

/** An open database with its schema up to date. */
export interface Database {
  readonly knex: Knex;
  /** The statements that are this database's own. */
  readonly dialect: Dialect;
  /** Transactions that everybody shares who writes little and often. */
  readonly commits: GroupCommit;
  /** Waits for what was submitted to `commits`. */
  close(): Promise<void>;
}

const FILE_NAME = "metergate.db";

/** All steps or none: a process that is killed on the way leaves neither half a schema nor a lock. */
async function migrate(knex: Knex, filename: string): Promise<void> {
  try {
    await knex.transaction((transaction) => transaction.migrate.latest({ migrationSource }));
  } catch (cause) {
    const [, newer] = /files are missing: (.*)/.exec(String(cause)) ?? [];
    const reason = newer
      ? `a newer one has written it (${newer})`
      : cause instanceof Error
        ? cause.message
        : String(cause);
    throw new StoreError("DATABASE_SCHEMA_MISMATCH", `${filename} cannot be brought to this version: ${reason}`, cause);
  }
}

/**
 * Opens the database of a data directory, creates it when there is none, and brings its schema up to date.
 *
 * Several processes may have it open, e.g. a server and a CLI command that imports devices: transactions exclude each
 * other, a claim is one transaction, and whatever a lost lease tries to write is refused by its attempt number.
 * There is one connection per process, so a query outside a transaction that is awaited inside it never comes to run.
 * @throws StoreError DATABASE_UNUSABLE, DATABASE_SCHEMA_MISMATCH
 */
export async function openDatabase({ dataDirectory }: DatabaseSettings): Promise<Database> {
  const filename = join(dataDirectory, FILE_NAME);
  const knex = knexModule({
    client: LibsqlClient as unknown as typeof Knex.Client,
    connection: { filename },
    useNullAsDefault: true,
    pool: { min: 1, max: 1 },
    // Values stay out of errors, and so out of the log: among them are whole messages.
    compileSqlOnError: false,
    // knex prints errors that it also throws; whoever catches them tells the operator.
    log: { warn: () => {}, error: () => {}, deprecate: () => {}, debug: () => {} },
  });
  try {
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    await knex.raw("select count(*) from sqlite_master");
  } catch (cause) {
    await knex.destroy();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StoreError("DATABASE_UNUSABLE", `${filename} cannot be opened: ${reason}`, cause);
  }
  try {
    await migrate(knex, filename);
  } catch (cause) {
    await knex.destroy();
    throw cause;
  }
  const commits = new GroupCommit(knex);
  return {
    ...{ knex, commits, dialect: sqliteDialect },
    close: async () => {
      await commits.close();
      await knex.destroy();
    },
  };
}
