import type { Knex } from "knex";
import type { Database, Transaction } from "./database.ts";
import type { BatchWriter } from "./group-commit.ts";

/** A push as it is kept. */
export interface StoredPush {
  readonly correlationUid: string;
  /** The organisation that owns the device. */
  readonly organisation: string;
  readonly device: string;
  /** Epoch milliseconds. */
  readonly receivedMs: number;
  readonly alarms: readonly string[];
  readonly description: string;
  /** The message as it came. */
  readonly message: Uint8Array;
}

interface Row {
  readonly correlation_uid: string;
  readonly organisation: string;
  readonly device: string;
  readonly received_ms: number;
  readonly alarms: string;
  readonly description: string;
  readonly message: Uint8Array;
}

function toPush(row: Row): StoredPush {
  return {
    correlationUid: row.correlation_uid,
    organisation: row.organisation,
    device: row.device,
    receivedMs: row.received_ms,
    alarms: JSON.parse(row.alarms),
    description: row.description,
    message: row.message,
  };
}

/** Pushes of devices, kept until retention. Written through the group commit. */
export class PushesRepository implements BatchWriter<StoredPush, undefined> {
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#knex = database.knex;
  }

  async write(transaction: Transaction, pushes: readonly StoredPush[]): Promise<readonly undefined[]> {
    for (const push of pushes) {
      await transaction("push").insert({
        correlation_uid: push.correlationUid,
        organisation: push.organisation,
        device: push.device,
        received_ms: push.receivedMs,
        alarms: JSON.stringify(push.alarms),
        description: push.description,
        message: Buffer.from(push.message),
      });
    }
    return pushes.map(() => undefined);
  }

  async find(correlationUid: string): Promise<StoredPush | undefined> {
    const row: Row | undefined = await this.#knex("push").where({ correlation_uid: correlationUid }).first();
    return row && toPush(row);
  }

  /** The newest pushes first. */
  async list(limit: number): Promise<StoredPush[]> {
    const rows: Row[] = await this.#knex("push").orderBy("received_ms", "desc").limit(limit);
    return rows.map(toPush);
  }

  /** Deletes what was received before `beforeMs` (epoch milliseconds), at most `limit`; gives how many there were. */
  async purge(transaction: Transaction, beforeMs: number, limit: number): Promise<number> {
    const old = transaction("push").select("correlation_uid").where("received_ms", "<", beforeMs).limit(limit);
    return transaction("push").whereIn("correlation_uid", old).delete();
  }
}
