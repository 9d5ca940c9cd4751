import { StoreError } from "../errors.ts";
import type { StoreSettings } from "../open-store.ts";
import { openServerStore } from "../server/open-store.ts";
import type { Store } from "../store.ts";
import { PostgresDriver } from "./driver.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { PostgresWakes } from "./wakes.ts";

/** Where the tables are, when the address says so: `?schema=name`. */
export function withoutSchema(url: string): { url: string; schema: string | undefined } {
  const parsed = new URL(url);
  const schema = parsed.searchParams.get("schema") ?? undefined;
  parsed.searchParams.delete("schema");
  return { url: parsed.href, schema };
}

export const MIGRATION_STATEMENTS = {
  findTable: "select 1 as found from pg_tables where schemaname = current_schema() and tablename = ?",
  createTable: "create table if not exists TABLE (name text primary key, at_ms bigint not null)",
};

/**
 * Opens a PostgreSQL database, and brings its schema up to date.
 * @throws StoreError DATABASE_UNUSABLE, DATABASE_SCHEMA_MISMATCH
 */
export async function openStore({
  databaseUrl,
  readOnly = false,
  timeOf,
  connections = 10,
}: StoreSettings): Promise<Store> {
  if (databaseUrl === undefined) throw new StoreError("DATABASE_UNUSABLE", "no address of a database was given");
  const { url, schema } = withoutSchema(databaseUrl);
  const driver = new PostgresDriver({ url, schema, readOnly, connections });
  const wakes = new PostgresWakes(url, schema);
  return openServerStore({ driver, wakes, steps: MIGRATIONS, statements: MIGRATION_STATEMENTS, readOnly, timeOf });
}
