import type { Knex } from "knex";

export type SqlValue = string | number | Uint8Array | null;

/** Parameters in one statement: SQL Server takes at most 2,100, the others more. */
const MOST_PARAMETERS = 2000;

/**
 * Inserts rows with few statements. Row counts go in powers of two, so that however many rows come, the database sees
 * only a handful of different statements and they stay prepared.
 * @param table name of the table: ours, never a caller's text
 * @param columns names of the columns in the order of the values
 */
export async function insertRows(
  transaction: Knex,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Promise<void> {
  const tuple = `(${columns.map(() => "?").join(", ")})`;
  let size = 2 ** Math.floor(Math.log2(MOST_PARAMETERS / columns.length));
  for (let at = 0; at < rows.length; at += size) {
    while (size > rows.length - at) size /= 2;
    const tuples = new Array(size).fill(tuple).join(", ");
    const values = rows.slice(at, at + size).flat();
    await transaction.raw(`insert into ${table} (${columns.join(", ")}) values ${tuples}`, values as Knex.RawBinding[]);
  }
}
