import { MetergateError } from "../../domain/errors.ts";

/** What a statement binds; a list is for `among`. */
export type SqlValue = string | number | Uint8Array | null | readonly (string | number)[];

/** What a statement gave. */
export interface Answer {
  readonly rows: readonly Record<string, unknown>[];
  /** Rows that it changed or gave. */
  readonly count: number;
}

/** A statement with what it binds. */
export interface Statement {
  readonly sql: string;
  readonly values: readonly SqlValue[];
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
  /**
   * Runs a statement, and others before it whose answers nobody needs; none after one that failed.
   * @param before sent together with it where the database takes several at once
   */
  query(sql: string, values: readonly SqlValue[], before?: readonly Statement[]): Promise<Answer>;
  /**
   * What is asked next need not wait for the answer.
   * @param writes whether anything will be written
   */
  begin(writes: boolean): Promise<Begun>;
  /** Runs the last statements and, if none of them failed, commits. */
  commit(last?: readonly Statement[]): Promise<void>;
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
  /** Gives `databaseMs`, the time at which it runs. */
  readonly now: string;
  /** The function that counts the octets of a value. */
  readonly octets: string;
  /** Binds a name; nobody else gets past with the same one before this transaction has ended. */
  readonly lock: string;
  /** Binds name, holder, end, now; gives `token` when the lease is the holder's now. */
  readonly acquireLease: string;
}

/** How long marks of connections are kept that are used no more. */
export const MARK_KEPT_MS = 24 * 3600 * 1000;

/** What every database here writes for "at most so many rows", after `order by`. */
export const AT_MOST = "offset 0 rows fetch next (?) rows only";

/** Parameters and rows in one statement; SQL Server takes 2100 and 1000. */
const MOST_PARAMETERS = 2000;
const MOST_ROWS = 1000;

/** The most rows of a statement that inserts: a power of two. */
function mostRows(columns: readonly string[]): number {
  return 2 ** Math.floor(Math.log2(Math.min(MOST_ROWS, MOST_PARAMETERS / columns.length)));
}

/**
 * Inserts of rows in few statements. Row counts go in powers of two, so that however many rows come, the database sees
 * only a handful of different statements.
 */
export function insertsOf(
  { insert }: Pick<Statements, "insert">,
  table: string,
  columns: readonly string[],
  rows: readonly (readonly SqlValue[])[],
): Statement[] {
  return inPowers(columns, rows).map((some) => ({ sql: insert(table, columns, some.length), values: some.flat() }));
}

/** Rows in pieces whose lengths are powers of two. */
function inPowers<Row>(columns: readonly string[], rows: readonly Row[]): Row[][] {
  const pieces: Row[][] = [];
  let size = mostRows(columns);
  for (let at = 0; at < rows.length; at += size) {
    while (size > rows.length - at) size /= 2;
    pieces.push(rows.slice(at, at + size));
  }
  return pieces;
}

/** The time of a transaction, of which the database says what time it has. */
export type TimeOf = (databaseMs: number) => {
  /** The time as stamps and callers have it. Epoch milliseconds. */
  readonly nowMs: number;
  /** The time that leases are judged by. */
  readonly steadyMs: number;
};

/** A transaction that was begun, and perhaps not yet answered. */
export interface Beginning {
  readonly begun: Promise<Begun>;
  readonly timeOf: TimeOf;
  /** Rows that never go, and are there. */
  readonly known: ReadonlySet<string>;
}

type Write = (db: Session, items: readonly unknown[]) => Promise<void>;

/** What aggregates run their statements with: a connection, within a transaction if it writes. */
export class Session {
  readonly #wire: Wire;
  readonly statements: Statements;
  readonly among: string;
  readonly #beginning: Beginning | undefined;
  #time: ReturnType<TimeOf> | undefined;
  /** What will be known when this transaction is committed. */
  readonly learnt: string[] = [];
  /** What was left for later, by what writes it. */
  readonly #left = new Map<Write, unknown[]>();
  /** What goes with the next statement that is answered, or with the commit. */
  #unsent: Statement[] = [];
  /** Set when others are to be told that there may be something to claim. */
  wakes = false;

  constructor(wire: Wire, driver: Pick<Driver, "statements" | "among">, beginning?: Beginning) {
    this.#wire = wire;
    this.statements = driver.statements;
    this.among = driver.among;
    this.#beginning = beginning;
  }

  get #inTransaction(): Beginning {
    if (!this.#beginning) throw new MetergateError("INTERNAL", "what only a transaction knows was asked for outside");
    return this.#beginning;
  }

  /** The time of the transaction's beginning, or since it was taken anew. */
  async time(): Promise<ReturnType<TimeOf>> {
    const { begun, timeOf } = this.#inTransaction;
    const { databaseMs } = await begun;
    this.#time ??= timeOf(databaseMs);
    return this.#time;
  }

  /** Takes the time anew: what comes next happens now, and not when the transaction began. */
  async renewTime(): Promise<void> {
    const { databaseMs } = (await this.get<{ databaseMs: number }>(this.statements.now))!;
    this.#time = this.#inTransaction.timeOf(databaseMs);
  }

  /** By what entries of the message log stand that this transaction writes. */
  async batch(): Promise<number> {
    return (await this.#inTransaction.begun).batch;
  }

  /** Has a statement run whose answer nobody needs: with the next one that is answered, or with the commit. */
  send(sql: string, ...values: SqlValue[]): void {
    this.#unsent.push({ sql, values });
  }

  async #query(sql: string, values: readonly SqlValue[]): Promise<Answer> {
    const answer = this.#wire.query(sql, values, this.#takeUnsent());
    answer.catch(() => {});
    // When that failed, the statement is only told that there is no transaction.
    await this.#beginning?.begun;
    return answer;
  }

  #takeUnsent(): Statement[] {
    const unsent = this.#unsent;
    this.#unsent = [];
    return unsent;
  }

  async all<Row>(sql: string, ...values: SqlValue[]): Promise<Row[]> {
    return (await this.#query(sql, values)).rows as unknown as Row[];
  }

  /** The first row. */
  async get<Row>(sql: string, ...values: SqlValue[]): Promise<Row | undefined> {
    const [row] = await this.all<Row>(sql, ...values);
    return row;
  }

  /** Runs a statement that gives no rows; gives how many it changed. */
  async run(sql: string, ...values: SqlValue[]): Promise<number> {
    return (await this.#query(sql, values)).count;
  }

  /** Has rows inserted, as `send` does. */
  insert(table: string, columns: readonly string[], rows: readonly (readonly SqlValue[])[]): void {
    this.#unsent.push(...insertsOf(this.statements, table, columns, rows));
  }

  /** Has a row inserted, or all other columns of the one changed that has these keys, as `send` does. */
  upsert(table: string, keys: Readonly<Record<string, SqlValue>>, others: Readonly<Record<string, SqlValue>>): void {
    const sql = this.statements.upsert(table, Object.keys(keys), Object.keys(others));
    this.send(sql, ...Object.values(keys), ...Object.values(others));
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
    for (const some of inPowers(columns, rows)) {
      const sql = this.statements.insertNews(table, columns, some.length, keys);
      inserted.push(...(await this.all<Key>(sql, ...some.flat())));
    }
    return inserted;
  }

  /** Whether a row that never goes is there, as this process has seen; `learn` says so of one. */
  knows(row: string): boolean {
    return this.#inTransaction.known.has(row);
  }

  learn(row: string): void {
    this.learnt.push(row);
  }

  /** Has what comes next wait until no other transaction holds this name, and holds it until this one ends. */
  lock(name: string): void {
    this.send(this.statements.lock, name);
  }

  /** Leaves rows to be written with others of their kind at the end; until then no statement may need them. */
  later<Item>(write: (db: Session, items: readonly Item[]) => Promise<void>, items: readonly Item[]): void {
    const left = this.#left.get(write as Write);
    if (left) left.push(...items);
    else this.#left.set(write as Write, [...items]);
  }

  /** Writes what was left for later; gives what is to be run with the commit. */
  async finish(): Promise<Statement[]> {
    const left = [...this.#left];
    this.#left.clear();
    for (const [write, items] of left) await write(this, items);
    return this.#takeUnsent();
  }
}
