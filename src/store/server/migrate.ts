import { StoreError } from "../errors.ts";
import { type Driver, Session, type TimeOf } from "./session.ts";

/** One step of the schema. A step that was released is never changed; a new one is added at the end of the list. */
export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

/** What is done to a schema, and where it stands. */
export interface SchemaState {
  readonly applied: readonly string[];
  readonly missing: readonly string[];
}

const TABLE = "metergate_migration";

export const databaseTime: TimeOf = (databaseMs) => ({ nowMs: databaseMs, steadyMs: databaseMs });

/** How a database is asked for its tables, and made to hold the one of the steps. */
export interface MigrationStatements {
  /** Gives a row when the table of this name, which is bound, is there. */
  readonly findTable: string;
  readonly createTable: string;
}

async function applied(db: Session, { findTable }: MigrationStatements): Promise<string[]> {
  if ((await db.get(findTable, TABLE)) === undefined) return [];
  return (await db.all<{ name: string }>(`select name from ${TABLE} order by name`)).map(({ name }) => name);
}

function stateOf(names: readonly string[], steps: readonly Migration[]): SchemaState {
  const newer = names.filter((name) => !steps.some((step) => step.name === name));
  if (newer.length > 0) {
    const text = `the database cannot be brought to this version: a newer one has written it (${newer.join(", ")})`;
    throw new StoreError("DATABASE_SCHEMA_MISMATCH", text);
  }
  return { applied: names, missing: steps.map(({ name }) => name).filter((name) => !names.includes(name)) };
}

async function within<T>(driver: Driver, work: (db: Session) => Promise<T>): Promise<T> {
  const wire = await driver.acquire();
  try {
    const begun = await wire.begin(false);
    const db = new Session(wire, driver, { begun: Promise.resolve(begun), timeOf: databaseTime, known: new Set() });
    const result = await work(db);
    await wire.commit(await db.finish());
    wire.release();
    return result;
  } catch (error) {
    // What it holds, locks too, goes with it.
    wire.destroy();
    throw error;
  }
}

/** Where the schema stands. @throws StoreError DATABASE_SCHEMA_MISMATCH when a newer version has been here */
export function schemaState(
  driver: Driver,
  steps: readonly Migration[],
  statements: MigrationStatements,
): Promise<SchemaState> {
  return within(driver, async (db) => stateOf(await applied(db, statements), steps));
}

/**
 * Brings the schema up to date, all steps or none; of several processes one does it, and the others wait.
 * @returns the names of the steps that were made
 */
export function migrate(
  driver: Driver,
  steps: readonly Migration[],
  statements: MigrationStatements,
): Promise<readonly string[]> {
  return within(driver, async (db) => {
    if (stateOf(await applied(db, statements), steps).missing.length === 0) return [];
    db.lock("migrations");
    await db.run(statements.createTable.replaceAll("TABLE", TABLE));
    const { missing } = stateOf(await applied(db, statements), steps);
    const { nowMs } = await db.time();
    for (const step of steps.filter(({ name }) => missing.includes(name))) {
      for (const statement of step.statements) db.send(statement);
      db.send(`insert into ${TABLE} (name, at_ms) values (?, ?)`, step.name, nowMs);
    }
    return missing;
  });
}
