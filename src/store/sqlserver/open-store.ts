import { StoreError } from "../errors.ts";
import type { StoreSettings } from "../open-store.ts";
import { openServerStore } from "../server/open-store.ts";
import type { Store } from "../store.ts";
import { SqlServerDriver } from "./driver.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { NAME } from "./texts.ts";
import { SqlServerWakes } from "./wakes.ts";

export const MIGRATION_STATEMENTS = {
  findTable: "select 1 as found from sys.tables where schema_id = schema_id() and name = ?",
  createTable: `if object_id('TABLE') is null create table TABLE (name ${NAME} primary key, at_ms bigint not null)`,
};

/**
 * Opens an SQL Server database, and brings its schema up to date.
 * @throws StoreError DATABASE_UNUSABLE, DATABASE_SCHEMA_MISMATCH
 */
export async function openStore({
  databaseUrl,
  readOnly = false,
  timeOf,
  connections = 10,
}: StoreSettings): Promise<Store> {
  if (databaseUrl === undefined) throw new StoreError("DATABASE_UNUSABLE", "no address of a database was given");
  const driver = new SqlServerDriver({ url: databaseUrl, readOnly, connections });
  const wakes = new SqlServerWakes(driver);
  return openServerStore({ driver, wakes, steps: MIGRATIONS, statements: MIGRATION_STATEMENTS, readOnly, timeOf });
}
