import type { CopiedRow, CopySource, CopyTarget } from "../copying.ts";
import { LOG_COLUMNS, type LogRow, toRow } from "../rows/log-entry.ts";
import { entryAt, entryIn, inflated, leavesIn, type StoredPack, writeRows } from "./aggregates/log-pack.ts";
import type { Connection, SqlValue } from "./connection.ts";
import { openConnection } from "./open-connection.ts";

const ROWS_AT_A_TIME = 500;
const TABLES = `select name from sqlite_master where type = 'table' and name not like 'sqlite_%'
  and name not like '%migration%' and name not like 'message_log_p%' order by name`;
/** Has a row for each entry in other databases, and packs here, which are not looked at as they are. */
const LOG = "message_log";

/** Entries of the message log as other databases have them. */
async function* logRows(db: Connection): AsyncGenerator<CopiedRow[]> {
  for (let from = 0; ; ) {
    const [stored] = db.all<StoredPack>(
      "select * from message_log_pack where first_index >= ? order by first_index limit 1",
      from,
    );
    if (!stored) return;
    const pack = inflated(stored);
    from = pack.first_index + 1;
    const rows = leavesIn(pack).map((packed) => ({
      ...toRow(entryIn(packed, pack.payloads), entryAt(pack, packed.leaf.index)),
    }));
    if (rows.length > 0) yield rows;
  }
}

/** The database of a data directory, to be copied. @throws StoreError */
export async function openSource(dataDirectory: string): Promise<CopySource> {
  const { db } = openConnection({ dataDirectory, readOnly: true, nowMs: 0 });
  db.execute("begin");
  return {
    tables: async () => [...db.all<{ name: string }>(TABLES).map(({ name }) => name), LOG],
    async *rows(table) {
      if (table === LOG) {
        yield* logRows(db);
        return;
      }
      // Tables without a rowid have a key of several columns; the order of the key is that of the table itself.
      const keys = db
        .all<{ name: string; pk: number }>("select name, pk from pragma_table_info(?) where pk > 0 order by pk", table)
        .map(({ name }) => name);
      let after: SqlValue[] | undefined;
      for (;;) {
        const marks = keys.map(() => "?").join(", ");
        const order = keys.length > 0 ? ` order by ${keys.join(", ")}` : "";
        const where = after ? ` where (${keys.join(", ")}) > (${marks})` : "";
        const rows = db.all<CopiedRow>(
          `select * from ${table}${where}${order} limit ${ROWS_AT_A_TIME}`,
          ...(after ?? []),
        );
        if (rows.length > 0) yield rows;
        if (rows.length < ROWS_AT_A_TIME || keys.length === 0) return;
        const last = rows.at(-1)!;
        after = keys.map((key) => last[key]!);
      }
    },
    close: async () => db.close(),
  };
}

/** A new database in a data directory, to be copied to. @throws StoreError */
export async function openTarget(dataDirectory: string, nowMs: number): Promise<CopyTarget> {
  const { db } = openConnection({ dataDirectory, readOnly: false, nowMs });
  db.execute("begin immediate; pragma defer_foreign_keys = on");
  return {
    async columns() {
      const tables = db.all<{ name: string }>(TABLES).map(({ name }) => name);
      const columnsOf = (table: string) =>
        db.all<{ name: string }>("select name from pragma_table_info(?)", table).map(({ name }) => name);
      return new Map([...tables.map((table) => [table, columnsOf(table)] as const), [LOG, LOG_COLUMNS]]);
    },
    count: async (table) => db.get<{ rows: number }>(`select count(*) as rows from ${table}`)!.rows,
    empty: async (table) => void db.run(`delete from ${table}`),
    async insert(table, columns, rows) {
      if (table === LOG) writeRows(db, rows as unknown as LogRow[]);
      else
        db.insert(
          table,
          columns,
          rows.map((row) => columns.map((name) => row[name]!)),
        );
    },
    commit: async () => db.execute("commit"),
    close: async () => db.close(),
  };
}
