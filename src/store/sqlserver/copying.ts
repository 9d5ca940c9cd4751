import mssql from "mssql";
import type { CopiedRow, CopySource, CopyTarget } from "../copying.ts";
import { migrate } from "../server/migrate.ts";
import { insertsOf, Session, type SqlValue } from "../server/session.ts";
import { SqlServerDriver } from "./driver.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { MIGRATION_STATEMENTS } from "./open-store.ts";
import { STATEMENTS } from "./statements.ts";

const ROWS_AT_A_TIME = 500;
const TABLES = `select name from sys.tables where schema_id = schema_id() and name not like '%migration%' order by name`;
const COLUMNS = `select t.name as table_name, c.name as column_name from sys.tables t
  inner join sys.columns c on c.object_id = t.object_id where t.schema_id = schema_id() order by t.name, c.column_id`;
const KEYS = `select c.name from sys.indexes i
  inner join sys.index_columns k on k.object_id = i.object_id and k.index_id = i.index_id
  inner join sys.columns c on c.object_id = k.object_id and c.column_id = k.column_id
  where i.is_primary_key = 1 and i.object_id = object_id(?) order by k.key_ordinal`;
/** Sequences that give numbers to rows, and where the highest one of each stands. */
const SEQUENCES: Readonly<Record<string, readonly [table: string, column: string]>> = {
  request_id: ["request", "id"],
  secret_read_id: ["secret_read", "id"],
  notification_id: ["notification", "id"],
  request_turn: ["request_line", "turn"],
};

async function connect(databaseUrl: string, readOnly: boolean) {
  const driver = new SqlServerDriver({ url: databaseUrl, readOnly, connections: 2 });
  try {
    if (!readOnly) await migrate(driver, MIGRATIONS, MIGRATION_STATEMENTS);
    const wire = await driver.acquire();
    const close = async () => {
      // What was not committed is undone.
      await wire.rollback();
      await driver.close();
    };
    return { wire, db: new Session(wire, driver), close };
  } catch (error) {
    await driver.close();
    throw error;
  }
}

/** Behind a row, in the order of the key. */
function behind(keys: readonly string[]): string {
  return keys
    .map(
      (key, at) =>
        `(${[...keys.slice(0, at).map((each) => `${each} = @p${keys.indexOf(each) + 1}`), `${key} > @p${at + 1}`].join(" and ")})`,
    )
    .join(" or ");
}

/** A database to be copied; it has to allow snapshots. */
export async function openSource(databaseUrl: string): Promise<CopySource> {
  const { wire, db, close } = await connect(databaseUrl, true);
  await wire.beginAt(mssql.ISOLATION_LEVEL.SNAPSHOT).catch(async (error) => {
    await close();
    throw error;
  });
  return {
    tables: async () => (await db.all<{ name: string }>(TABLES)).map(({ name }) => name),
    async *rows(table) {
      const keys = (await db.all<{ name: string }>(KEYS, table)).map(({ name }) => name);
      for (let after: SqlValue[] | undefined; ; ) {
        const where = after ? `where ${behind(keys)}` : "";
        const page = `order by ${keys.join(", ")} offset 0 rows fetch next ${ROWS_AT_A_TIME} rows only`;
        const rows = await db.all<CopiedRow>(`select * from ${table} ${where} ${page}`, ...(after ?? []));
        if (rows.length > 0) yield rows;
        if (rows.length < ROWS_AT_A_TIME) return;
        const last = rows.at(-1)!;
        after = keys.map((key) => last[key]!);
      }
    },
    close,
  };
}

/** A new database to be copied to. */
export async function openTarget(databaseUrl: string): Promise<CopyTarget> {
  const { wire, db, close } = await connect(databaseUrl, false);
  await wire.begin(false);
  // Devices come in any order.
  await db.run("alter table device nocheck constraint device_gateway_known");
  return {
    async columns() {
      const columns = new Map<string, string[]>();
      for (const { table_name: table, column_name: column } of await db.all<Record<string, string>>(COLUMNS)) {
        columns.set(table!, [...(columns.get(table!) ?? []), column!]);
      }
      return columns;
    },
    count: async (table) => (await db.get<{ number: number }>(`select count(*) as number from ${table}`))!.number,
    empty: async (table) => void (await db.run(`delete from ${table}`)),
    async insert(table, columns, rows) {
      const values = rows.map((row) => columns.map((name) => row[name]!));
      for (const each of insertsOf(STATEMENTS, table, columns, values)) await wire.query(each.sql, each.values);
    },
    async commit() {
      await db.run("alter table device with check check constraint device_gateway_known");
      for (const [sequence, [table, column]] of Object.entries(SEQUENCES)) {
        const highest = await db.get<{ number: number | null }>(`select max(${column}) as number from ${table}`);
        await db.run(`alter sequence ${sequence} restart with ${(highest?.number ?? 0) + 1}`);
      }
      await wire.commit();
    },
    close,
  };
}
