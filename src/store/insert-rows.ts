import type { Knex } from "knex";

export type SqlValue = string | number | Uint8Array | null;

/** Parameters in one statement: SQL Server takes at most 2,100, the others more. */
const MOST_PARAMETERS = 2000;

/** Texts by the head of the statement and the number of rows: long ones, needed for every transaction. */
const texts = new Map<string, string>();

function insertText(table: string, columns: readonly string[], rows: number): string {
  const head = `insert into ${table} (${columns.join(", ")}) values `;
  const key = `${head}${rows}`;
  const known = texts.get(key);
  if (known !== undefined) return known;
  const text = head + new Array(rows).fill(`(${columns.map(() => "?").join(", ")})`).join(", ");
  texts.set(key, text);
  return text;
}

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
  let size = 2 ** Math.floor(Math.log2(MOST_PARAMETERS / columns.length));
  for (let at = 0; at < rows.length; at += size) {
    while (size > rows.length - at) size /= 2;
    const values = rows.slice(at, at + size).flat();
    await transaction.raw(insertText(table, columns, size), values as Knex.RawBinding[]);
  }
}
