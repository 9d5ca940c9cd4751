import { StoreError } from "./errors.ts";

/** A row by the names of its columns; octets as Uint8Array. */
export type CopiedRow = Readonly<Record<string, string | number | Uint8Array | null>>;

/** A database that is read as it is at one moment, whoever writes meanwhile. */
export interface CopySource {
  tables(): Promise<string[]>;
  /** All rows, some at a time. */
  rows(table: string): AsyncIterable<readonly CopiedRow[]>;
  close(): Promise<void>;
}

/** A database that is filled, all or nothing. */
export interface CopyTarget {
  columns(): Promise<ReadonlyMap<string, readonly string[]>>;
  count(table: string): Promise<number>;
  /** Takes the rows out that a new database begins with. */
  empty(table: string): Promise<void>;
  insert(table: string, columns: readonly string[], rows: readonly CopiedRow[]): Promise<void>;
  /** Makes it last; numbers that are given out go on behind those that came. */
  commit(): Promise<void>;
  close(): Promise<void>;
}

/** What others refer to comes first. */
const FIRST = ["organisation", "device", "request"];
/** Tables that have rows in a new database. */
const SEEDED = ["inventory_version", "message_log_head"];
/** What has happened with a database if these are not empty. */
const TELLING = ["device", "request", "message_log"];

/** Columns that a database has besides, out of what all have. */
const DERIVED: Readonly<Record<string, (row: CopiedRow) => string | number | null>> = {
  system_title({ record }) {
    const { systemTitle } = JSON.parse(String(record)) as { systemTitle?: unknown };
    return typeof systemTitle === "string" ? systemTitle : null;
  },
};

/**
 * Copies everything from one database into another one that is new.
 * @returns how many rows were copied, by table
 * @throws StoreError DATABASE_UNUSABLE when the target is in use already
 */
export async function copyDatabase(source: CopySource, target: CopyTarget): Promise<Map<string, number>> {
  const columns = await target.columns();
  for (const table of TELLING) {
    if ((await target.count(table)) > 0) {
      throw new StoreError("DATABASE_UNUSABLE", `the database to copy to is not empty: ${table} has rows`);
    }
  }
  const shared = (await source.tables()).filter((table) => columns.has(table));
  const ordered = [
    ...FIRST.filter((table) => shared.includes(table)),
    ...shared.filter((t) => !FIRST.includes(t)).sort(),
  ];
  const counts = new Map<string, number>();
  for (const table of SEEDED) await target.empty(table);
  for (const table of ordered) {
    let count = 0;
    for await (const rows of source.rows(table)) {
      const names = columns.get(table)!.filter((name) => name in rows[0]! || name in DERIVED);
      const filled = rows.map((row) =>
        Object.fromEntries(names.map((name) => [name, name in row ? row[name]! : DERIVED[name]!(row)])),
      );
      await target.insert(table, names, filled);
      count += rows.length;
    }
    counts.set(table, count);
  }
  await target.commit();
  return counts;
}
