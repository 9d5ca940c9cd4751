import pg from "pg";
import type { Parameter, Request } from "./requests.ts";
import { translate } from "./t-sql.ts";
import {
  type Column,
  columnsToken,
  doneToken,
  errorToken,
  type Kind,
  RETURN_STATUS,
  rowToken,
  type ServerError,
  transactionToken,
} from "./tokens.ts";

const SNAPSHOT = 5;
const KINDS: Readonly<Record<number, Kind>> = {
  ...{ 20: "bigint", 23: "int", 21: "smallint", 1700: "bigint", 701: "float", 16: "bit", 17: "octets" },
};
/** Errors of PostgreSQL as SQL Server numbers them. */
const NUMBERS: Readonly<Record<string, number>> = {
  ...{ 23505: 2627, "40P01": 1205, 40001: 3960, "55P03": 1222, 23514: 547, 23503: 547, 22001: 2628 },
};

interface Failure {
  readonly code?: string;
  readonly message: string;
  readonly detail?: string;
}

/** With the value that a row holds in it, as SQL Server writes it. */
function toError({ code = "", message, detail = "" }: Failure): ServerError {
  const number = NUMBERS[code] ?? 50_000;
  const value = /=\((.*)\) already exists/.exec(detail)?.[1];
  const text =
    number === 2627 ? `Violation of constraint: ${message}. The duplicate key value is (${value}).` : message;
  return { number, severity: number === 1205 ? 13 : 16, message: text };
}

/** A session of the played server: the transaction that is open, and a connection to what carries it out. */
export class PlayedSession {
  readonly #client: pg.Client;
  #transaction: Buffer | undefined;
  #transactions = 0;

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async open(url: string): Promise<PlayedSession> {
    const address = new URL(url);
    const schema = address.searchParams.get("schema");
    address.searchParams.delete("schema");
    const client = new pg.Client({ connectionString: address.href });
    client.on("error", () => {});
    await client.connect();
    await client.query(`set search_path to ${schema}; set lock_timeout to 5000`);
    return new PlayedSession(client);
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => {});
  }

  /** The tokens of the answer. */
  async answer(request: Request, recorded: Set<string>, failure: number | undefined): Promise<Buffer> {
    const of = request.kind === "execute" ? "procedure" : "batch";
    try {
      if (failure !== undefined) throw new Injected(failure);
      switch (request.kind) {
        case "begin":
          return await this.#begin(request.isolation);
        case "commit":
        case "rollback":
          return await this.#end(request.kind);
        case "batch":
          if (/^set /.test(request.sql)) return doneToken("batch");
          return Buffer.concat([await this.#run(request.sql, [], recorded), doneToken("batch")]);
        case "execute": {
          const answer = await this.#run(request.sql, request.parameters, recorded);
          return Buffer.concat([answer, RETURN_STATUS, doneToken("procedure")]);
        }
      }
    } catch (error) {
      const told = error instanceof Injected ? error.told : toError(error as Failure);
      // XACT_ABORT: whatever fails undoes the transaction.
      const undone = this.#transaction ? [await this.#undo()] : [];
      return Buffer.concat([errorToken(told), ...undone, doneToken(of, { failed: true })]);
    }
  }

  /** What the client wants no answer to any more undoes the transaction, too. */
  async cancel(): Promise<Buffer> {
    const undone = this.#transaction ? [await this.#undo()] : [];
    return Buffer.concat([...undone, doneToken("batch", { failed: true })]);
  }

  async #begin(isolation: number): Promise<Buffer> {
    await this.#client.query(isolation === SNAPSHOT ? "begin isolation level repeatable read" : "begin");
    this.#transactions += 1;
    this.#transaction = Buffer.alloc(8);
    this.#transaction.writeUInt32LE(this.#transactions);
    return Buffer.concat([transactionToken("begun", this.#transaction), doneToken("batch")]);
  }

  async #end(how: "commit" | "rollback"): Promise<Buffer> {
    const descriptor = this.#transaction!;
    await this.#client.query(how);
    this.#transaction = undefined;
    return Buffer.concat([
      transactionToken(how === "commit" ? "committed" : "rolledBack", descriptor),
      doneToken("batch"),
    ]);
  }

  async #undo(): Promise<Buffer> {
    const descriptor = this.#transaction!;
    await this.#client.query("rollback");
    this.#transaction = undefined;
    return transactionToken("rolledBack", descriptor);
  }

  async #run(sql: string, parameters: readonly Parameter[], recorded: Set<string>): Promise<Buffer> {
    recorded.add(sql);
    // To SQL Server it would be the same as without them, which to PostgreSQL it is not.
    const blunt = parameters.find(({ value }) => typeof value === "string" && value.endsWith(" "));
    if (blunt) throw new Error(`a text that ends with a space: ${blunt.name}`);
    const answers: Buffer[] = [];
    let changed = 0;
    for (const { sql: text, values, ifNone } of translate(sql, parameters)) {
      if (ifNone && changed > 0) continue;
      const { rows, rowCount, fields } = await this.#client.query({ text, values, rowMode: "array" });
      changed = rowCount ?? 0;
      if (fields.length === 0) {
        answers.push(doneToken("statement", { more: true, count: changed }));
        continue;
      }
      const columns = fields.map(({ name, dataTypeID }): Column => ({ name, kind: KINDS[dataTypeID] ?? "text" }));
      const each = rows.map((row) => rowToken(columns, row as unknown[]));
      answers.push(columnsToken(columns), ...each, doneToken("statement", { more: true, count: changed }));
    }
    return Buffer.concat(answers);
  }
}

/** An error that a test asked for. */
class Injected extends Error {
  readonly told: ServerError;

  constructor(number: number) {
    super(`error ${number}`);
    this.told = { number, severity: number === 1205 ? 13 : 16, message: `error ${number}` };
  }
}
