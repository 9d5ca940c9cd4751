import type { CopiedRow, CopySource, CopyTarget } from "../copying.ts";
import { migrate } from "../server/migrate.ts";
import { Session, type Wire } from "../server/session.ts";
import { BEGIN_WRITING, PostgresDriver } from "./driver.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { MIGRATION_STATEMENTS, withoutSchema } from "./open-store.ts";

const ROWS_AT_A_TIME = 500;
const TABLES = `select tablename as name from pg_tables where schemaname = current_schema()
  and tablename not like '%migration%' order by tablename`;

async function begin(
  databaseUrl: string,
  readOnly: boolean,
  text: string,
): Promise<{ wire: Wire; close(): Promise<void> }> {
  const driver = new PostgresDriver({ ...withoutSchema(databaseUrl), readOnly, connections: 2 });
  try {
    if (!readOnly) await migrate(driver, MIGRATIONS, MIGRATION_STATEMENTS);
    const wire = await driver.acquire();
    await wire.query(text, []);
    const close = async () => {
      // What was not committed goes with the connection.
      wire.destroy();
      await driver.close();
    };
    return { wire, close };
  } catch (error) {
    await driver.close();
    throw error;
  }
}

/** A database to be copied. */
export async function openSource(databaseUrl: string): Promise<CopySource> {
  const { wire, close } = await begin(databaseUrl, true, "begin isolation level repeatable read read only");
  return {
    tables: async () => (await wire.query(TABLES, [])).rows.map(({ name }) => String(name)),
    async *rows(table) {
      await wire.query(`declare copied no scroll cursor for select * from ${table}`, []);
      for (;;) {
        const { rows } = await wire.query(`fetch ${ROWS_AT_A_TIME} from copied`, []);
        if (rows.length === 0) break;
        yield rows as CopiedRow[];
      }
      await wire.query("close copied", []);
    },
    close,
  };
}

/** A new database to be copied to. */
export async function openTarget(databaseUrl: string): Promise<CopyTarget> {
  const { wire, close } = await begin(databaseUrl, false, BEGIN_WRITING);
  const driver = { statements: undefined as never, among: "" };
  const db = new Session(wire, driver);
  return {
    async columns() {
      const rows = await db.all<{ table_name: string; column_name: string }>(
        `select table_name, column_name from information_schema.columns where table_schema = current_schema()
         order by table_name, ordinal_position`,
      );
      const columns = new Map<string, string[]>();
      for (const { table_name: table, column_name: column } of rows) {
        columns.set(table, [...(columns.get(table) ?? []), column]);
      }
      return columns;
    },
    count: async (table) => (await db.get<{ rows: number }>(`select count(*) as rows from ${table}`))!.rows,
    empty: async (table) => void (await db.run(`delete from ${table}`)),
    async insert(table, columns, rows) {
      const marks = `(${columns.map(() => "?").join(", ")})`;
      for (const row of rows) {
        // Numbers that the database gives out are those that the rows had.
        const sql = `insert into ${table} (${columns.join(", ")}) overriding system value values ${marks}`;
        await db.run(sql, ...columns.map((name) => row[name]!));
      }
    },
    async commit() {
      const identities = await db.all<{ table_name: string; column_name: string }>(
        `select table_name, column_name from information_schema.columns
         where table_schema = current_schema() and is_identity = 'YES'`,
      );
      for (const { table_name: table, column_name: column } of identities) {
        await db.all(
          `select setval(pg_get_serial_sequence(?, ?), coalesce((select max(${column}) from ${table}), 0) + 1, false)`,
          ...[table, column],
        );
      }
      await db.all("select setval('request_turn', coalesce((select max(turn) from request_line), 0) + 1)");
      await wire.commit();
    },
    close,
  };
}
