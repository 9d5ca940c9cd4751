import Libsql from "libsql";

export type SqlValue = string | number | Uint8Array | null;

type Statement = ReturnType<Libsql.Database["prepare"]>;

/** Statements kept prepared; the ones of the request path are a few dozen. */
const MOST_STATEMENTS = 200;
/** Parameters in one statement. */
const MOST_PARAMETERS = 2000;

type Write = (db: Connection, items: readonly unknown[]) => void;

/** What a store's method makes of its promises when it runs beside the database: its result at once. */
export type Synchronous<Port> = {
  [Name in keyof Port]: Port[Name] extends (...values: infer Values) => Promise<infer Result>
    ? (...values: Values) => Result
    : never;
};

/** A statement that gives rows, which libsql hands out as lists: names that it gave to each row would be made each time. */
interface Reading {
  readonly statement: Statement;
  readonly columns: readonly string[];
}

/** libsql hands out BLOBs as ArrayBuffer in lists of rows, and as Buffer in single ones. */
function plain(value: unknown): unknown {
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  return value instanceof Buffer ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength) : value;
}

function named(columns: readonly string[], values: readonly unknown[]): unknown {
  const row: Record<string, unknown> = {};
  for (let i = 0; i < columns.length; i++) row[columns[i]!] = plain(values[i]);
  return row;
}

/** One connection to a database, whose statements stay prepared. Everything on it waits for the disk. */
export class Connection {
  readonly #database: Libsql.Database;
  readonly #statements = new Map<string, Statement>();
  readonly #readings = new Map<string, Reading>();
  /**
   * What was left for later, by what writes it. A new map each time: V8 chains the tables that a map has outgrown or that
   * were cleared, and once one of them is old, all that ever stood in those after it waits for the next full collection.
   */
  #left = new Map<Write, unknown[]>();
  /** The time as stamps and callers have it; set before each method runs. Epoch milliseconds. */
  nowMs = 0;
  /** The time that leases are judged by: as `nowMs`, but it goes on evenly when the wall clock steps. */
  steadyMs = 0;

  /** @param address path or `file:` URI */
  constructor(address: string) {
    this.#database = new Libsql(address);
  }

  all<Row>(sql: string, ...values: SqlValue[]): Row[] {
    const { statement, columns } = this.#prepareReading(sql);
    return statement.all(values).map((row) => named(columns, row as unknown[])) as Row[];
  }

  /** The first row; a statement that changes something changes all the same. */
  get<Row>(sql: string, ...values: SqlValue[]): Row | undefined {
    // One call into the driver, where `all` takes two.
    const { statement, columns } = this.#prepareReading(sql);
    const found = statement.get(values) as unknown[] | undefined;
    return found && (named(columns, found) as Row);
  }

  /** Runs a statement that gives no rows; gives how many it changed. */
  run(sql: string, ...values: SqlValue[]): number {
    return this.#prepare(sql).run(values).changes;
  }

  /** Runs statements that are not worth keeping. */
  execute(sql: string): void {
    this.#database.exec(sql);
  }

  /**
   * Inserts rows with few statements. Row counts go in powers of two, so that however many rows come, the database sees
   * only a handful of different statements and they stay prepared.
   * @param onConflict what stands behind the rows
   */
  insert(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[], onConflict = ""): void {
    let size = 2 ** Math.floor(Math.log2(MOST_PARAMETERS / columns.length));
    for (let at = 0; at < rows.length; at += size) {
      while (size > rows.length - at) size /= 2;
      const values: SqlValue[] = [];
      // `flat` takes several times as long.
      for (let i = at; i < at + size; i++) for (const value of rows[i]!) values.push(value);
      this.run(insertText(table, columns, size, onConflict), ...values);
    }
  }

  /**
   * Leaves rows to be written with others of their kind, in the order in which they came: few statements for many rows.
   * At `flush` at the latest they are written; until then no statement may need them.
   */
  later<Item>(write: (db: Connection, items: readonly Item[]) => void, items: readonly Item[]): void {
    const left = this.#left.get(write as Write);
    if (left) left.push(...items);
    else this.#left.set(write as Write, [...items]);
  }

  /** Writes what was left for later. */
  flush(): void {
    const left = this.#left;
    this.#left = new Map();
    for (const [write, items] of left) write(this, items);
  }

  /** Forgets what was left for later: it is undone with the rest. */
  forget(): void {
    this.#left = new Map();
  }

  get inTransaction(): boolean {
    return this.#database.inTransaction;
  }

  /** Prepares all statements anew when they are used next: to be called when tables have other columns than before. */
  prepareAnew(): void {
    this.#statements.clear();
    this.#readings.clear();
  }

  close(): void {
    this.prepareAnew();
    this.#database.close();
  }

  /** Prepares a statement, or takes the one that was prepared for the same text. */
  #prepare(sql: string): Statement {
    return kept(this.#statements, sql, () => this.#database.prepare(sql));
  }

  #prepareReading(sql: string): Reading {
    return kept(this.#readings, sql, () => {
      const statement = this.#database.prepare(sql).raw(true);
      return { statement, columns: statement.columns().map(({ name }) => name) };
    });
  }
}

/** What was made for a text, or is made now. Now and then all begin anew. */
function kept<Made>(all: Map<string, Made>, sql: string, make: () => Made): Made {
  const known = all.get(sql);
  if (known) return known;
  if (all.size >= MOST_STATEMENTS) all.clear();
  const made = make();
  all.set(sql, made);
  return made;
}

/** Texts by table and number of rows, long ones needed for every transaction. A table is always filled in the same columns. */
const texts = new Map<string, string>();

function insertText(table: string, columns: readonly string[], rows: number, onConflict: string): string {
  const key = `${table} ${rows} ${onConflict}`;
  let text = texts.get(key);
  if (text === undefined) {
    const places = new Array(rows).fill(`(${columns.map(() => "?").join(", ")})`).join(", ");
    text = `insert into ${table} (${columns.join(", ")}) values ${places} ${onConflict}`;
    texts.set(key, text);
  }
  return text;
}
