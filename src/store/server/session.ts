import { MetergateError } from "../../domain/errors.ts";

/** What a statement binds; a list is for `among`. */
export type SqlValue = string | number | Uint8Array | null | readonly (string | number)[];

/** What a statement gave. */
export interface Answer {
  readonly rows: readonly Record<string, unknown>[];
  /** Rows that it changed or gave. */
  readonly count: number;
}

/** Names a transaction to the database, also after the connection and the database's server have died. */
export interface Transaction {
  /** The database's own number for it, where it has one; given out again when a crash came before it was on disk. */
  readonly id?: string;
  /** The connection that it is of. No two connections ever have the same name. */
  readonly connection: string;
  /** Its number on this connection, which it leaves in `commit_mark`. */
  readonly number: number;
}

/** What is known when a transaction has begun. */
export interface Begun {
  /** The database's time, epoch milliseconds. */
  readonly databaseMs: number;
  /** Undefined where nothing is written. */
  readonly transaction?: Transaction | undefined;
  /** Higher than that of most transactions that began before: entries of the message log stand by it. */
  readonly batch: number;
}

/** One connection of a pool. */
export interface Wire {
  query(sql: string, values: readonly SqlValue[]): Promise<Answer>;
  /** @param writes whether anything will be written */
  begin(writes: boolean): Promise<Begun>;
  commit(): Promise<void>;
  rollback(): Promise<void>;
  /** Gives it back to the pool. */
  release(): void;
  /** Closes it: nobody knows what state it is in. */
  destroy(): void;
}

/** What a failure means. */
export type FailureKind =
  /** The transaction was undone because of others, and may be tried again: deadlock, serialisation, a lock's time. */
  | "again"
  /** The connection or the server is gone, or not there yet. */
  | "lost"
  /** The statement was refused. */
  | "refused";

/** What differs between databases that are servers of their own. */
export interface Driver {
  acquire(): Promise<Wire>;
  kindOf(error: unknown): FailureKind;
  /** What became of a transaction whose commit was not answered. */
  outcomeOf(transaction: Transaction): Promise<"committed" | "aborted" | "unknown">;
  /** A condition that a column is one of a list, which is bound as one value. */
  readonly among: string;
  readonly statements: Statements;
  close(): Promise<void>;
}

/** Statements that each database writes its own way; columns and values are the same. */
export interface Statements {
  /** Inserts a row, or changes all other columns of the one that has these keys. */
  upsert(table: string, keys: readonly string[], others: readonly string[]): string;
  /** Inserts a row unless there is one with these keys. */
  insertIfNew(table: string, keys: readonly string[], others: readonly string[]): string;
  /** Inserts those of several rows whose keys are new, and gives the keys of these. */
  insertNews(table: string, columns: readonly string[], rows: number, keys: readonly string[]): string;
  /** Several rows in one statement. */
  insert(table: string, columns: readonly string[], rows: number): string;
  /** An update that gives columns of the rows that it changed, as they are now. */
  updateReturning(table: string, set: string, where: string, columns: readonly string[]): string;
  /** A query whose rows nobody else changes before this transaction has ended. */
  selectLocked(columns: readonly string[], table: string, where: string): string;
  /** The same, without rows that somebody else has locked; they may be read by others who do the same. */
  selectShared(columns: readonly string[], table: string, where: string): string;
  /** Binds family, organisation and a number; candidates of a line in their order, without those that others look at. */
  readonly candidates: string;
  /** Binds a time and a number: puts requests in line whose time has come, without those that others put there now. */
  readonly promote: string;
  /** Binds names as one list; gives the `name` of each that nobody else holds, and holds them until the end. */
  readonly tryLocks: string;
  /** Binds a device to connect to, three times: puts the first parked one of each organisation, that may run, in line. */
  readonly unparkFirst: string;
  /** Gives `turn`, higher than all before. */
  readonly nextTurn: string;
  /** The function that counts the octets of a value. */
  readonly octets: string;
  /** Binds a name; nobody else gets past with the same one before this transaction has ended. */
  readonly lock: string;
  /** Binds name, holder, end, now; gives `token` when the lease is the holder's now. */
  readonly acquireLease: string;
}

/** What every database here writes for "at most so many rows", after `order by`. */
export const AT_MOST = "offset 0 rows fetch next (?) rows only";

/** Parameters and rows in one statement; SQL Server takes 2100 and 1000. */
const MOST_PARAMETERS = 2000;
const MOST_ROWS = 1000;

/** The most rows of a statement that inserts: a power of two. */
function mostRows(columns: readonly string[]): number {
  return 2 ** Math.floor(Math.log2(Math.min(MOST_ROWS, MOST_PARAMETERS / columns.length)));
}

type Write = (db: Session, items: readonly unknown[]) => Promise<void>;

/** What aggregates run their statements with: a connection, within a transaction if it writes. */
export class Session {
  readonly #wire: Wire;
  readonly statements: Statements;
  readonly among: string;
  readonly #known: ReadonlySet<string>;
  /** What will be known when this transaction is committed. */
  readonly learnt: string[] = [];
  /** What was left for later, by what writes it. */
  readonly #left = new Map<Write, unknown[]>();
  readonly #begun: (Begun & { readonly nowMs: number; readonly steadyMs: number }) | undefined;
  /** Set when others are to be told that there may be something to claim. */
  wakes = false;

  constructor(
    wire: Wire,
    driver: Pick<Driver, "statements" | "among">,
    begun?: Begun & { readonly nowMs: number; readonly steadyMs: number },
    known: ReadonlySet<string> = new Set(),
  ) {
    this.#known = known;
    this.#wire = wire;
    this.statements = driver.statements;
    this.among = driver.among;
    this.#begun = begun;
  }

  /** The time as stamps and callers have it, of the transaction's beginning. Epoch milliseconds. */
  get nowMs(): number {
    return this.#inTransaction().nowMs;
  }

  /** The time that leases are judged by. */
  get steadyMs(): number {
    return this.#inTransaction().steadyMs;
  }

  get batch(): number {
    return this.#inTransaction().batch;
  }

  #inTransaction() {
    if (!this.#begun) throw new MetergateError("INTERNAL", "what only a transaction knows was asked for outside");
    return this.#begun;
  }

  async all<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]> {
    return (await this.#wire.query(sql, values)).rows as unknown as Row[];
  }

  /** The first row. */
  async get<Row>(sql: string, ...values: SqlValue[]): Promise<Row | undefined> {
    const [row] = await this.all<Row>(sql, ...values);
    return row;
  }

  /** Runs a statement that gives no rows; gives how many it changed. */
  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    return (await this.#wire.query(sql, values)).count;
  }

  /**
   * Inserts rows with few statements. Row counts go in powers of two, so that however many rows come, the database sees
   * only a handful of different statements.
   */
  async insert(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): Promise<void> {
    let size = mostRows(columns);
    for (let at = 0; at < rows.length; at += size) {
      while (size > rows.length - at) size /= 2;
      await this.run(this.statements.insert(table, columns, size), ...rows.slice(at, at + size).flat());
    }
  }

  /** Inserts a row, or changes all other columns of the one that has these keys. */
  async upsert(
    table: string,
    keys: Readonly<Record<string, SqlValue>>,
    others: Readonly<Record<string, SqlValue>>,
  ): Promise<void> {
    const sql = this.statements.upsert(table, Object.keys(keys), Object.keys(others));
    await this.run(sql, ...Object.values(keys), ...Object.values(others));
  }

  /** Inserts a row unless there is one with these keys; gives whether it did. */
  async insertIfNew(
    table: string,
    keys: Readonly<Record<string, SqlValue>>,
    others: Readonly<Record<string, SqlValue>> = {},
  ): Promise<boolean> {
    const sql = this.statements.insertIfNew(table, Object.keys(keys), Object.keys(others));
    return (await this.run(sql, ...Object.values(keys), ...Object.values(others))) > 0;
  }

  /** Inserts those of the rows whose keys, the first columns, are new; gives these keys. */
  async insertNews<Key>(
    table: string,
    columns: readonly string[],
    rows: readonly (readonly SqlValue[])[],
    keys: readonly string[],
  ): Promise<Key[]> {
    const inserted: Key[] = [];
    let size = mostRows(columns);
    for (let at = 0; at < rows.length; at += size) {
      while (size > rows.length - at) size /= 2;
      const sql = this.statements.insertNews(table, columns, size, keys);
      inserted.push(...(await this.all<Key>(sql, ...rows.slice(at, at + size).flat())));
    }
    return inserted;
  }

  /** Whether a row that never goes is there, as this process has seen; `learn` says so of one. */
  knows(row: string): boolean {
    return this.#known.has(row);
  }

  learn(row: string): void {
    this.learnt.push(row);
  }

  /** Waits until no other transaction holds this name, and holds it until this one ends. */
  async lock(name: string): Promise<void> {
    await this.all(this.statements.lock, name);
  }

  /** Leaves rows to be written with others of their kind at `flush`; until then no statement may need them. */
  later<Item>(write: (db: Session, items: readonly Item[]) => Promise<void>, items: readonly Item[]): void {
    const left = this.#left.get(write as Write);
    if (left) left.push(...items);
    else this.#left.set(write as Write, [...items]);
  }

  /** Writes what was left for later. */
  async flush(): Promise<void> {
    const left = [...this.#left];
    this.#left.clear();
    for (const [write, items] of left) await write(this, items);
  }
}
