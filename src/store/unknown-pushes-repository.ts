import type { Knex } from "knex";
import type { Database, Transaction } from "./database.ts";
import type { BatchWriter } from "./group-commit.ts";

/** A push of a device that is unknown or nobody's. */
export interface UnknownPush {
  /** Who sent it: IPv4 address or IPv6 network. */
  readonly source: string;
  /** Device identification as the push says. */
  readonly device: string;
  /** Epoch milliseconds. */
  readonly receivedMs: number;
  readonly description: string;
}

/** All pushes of one device from one source. */
export interface UnknownPushes {
  readonly source: string;
  /** Empty for all devices of the source beyond the first few. */
  readonly device: string;
  readonly pushes: number;
  /** Epoch milliseconds. */
  readonly firstMs: number;
  readonly lastMs: number;
  /** The latest one in words. */
  readonly description: string;
}

/** Devices of one source that are told apart: anybody can make up names. */
const DEVICES_PER_SOURCE = 8;
/** Rows in all; a new one takes the place of the one that was silent longest. */
const MOST_ROWS = 1_000;

/** Counts what devices push that we do not know. No evidence: it is bounded, and nobody vouches for it. */
export class UnknownPushesRepository implements BatchWriter<UnknownPush, undefined> {
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#knex = database.knex;
  }

  async write(transaction: Transaction, pushes: readonly UnknownPush[]): Promise<readonly undefined[]> {
    for (const push of pushes) {
      if (await count(transaction, push)) continue;
      const devices = await rows(transaction("unknown_push").where({ source: push.source }));
      const row = devices < DEVICES_PER_SOURCE ? push : { ...push, device: "" };
      if (row !== push && (await count(transaction, row))) continue;
      await makePlace(transaction);
      await transaction("unknown_push").insert({
        source: row.source,
        device: row.device,
        pushes: 1,
        first_ms: row.receivedMs,
        last_ms: row.receivedMs,
        description: row.description,
      });
    }
    return pushes.map(() => undefined);
  }

  /** The latest first. */
  async list(limit: number): Promise<UnknownPushes[]> {
    const rows = await this.#knex("unknown_push").orderBy("last_ms", "desc").limit(limit);
    return rows.map(({ source, device, pushes, description, ...row }) => ({
      ...{ source, device, pushes, description },
      firstMs: row.first_ms,
      lastMs: row.last_ms,
    }));
  }
}

/** @returns whether there is a row that this push could be added to */
async function count(
  transaction: Transaction,
  { source, device, receivedMs, description }: UnknownPush,
): Promise<boolean> {
  const changed = await transaction("unknown_push")
    .where({ source, device })
    .increment("pushes", 1)
    .update({ last_ms: receivedMs, description });
  return changed > 0;
}

async function rows(query: Knex.QueryBuilder): Promise<number> {
  const [row] = await query.count({ rows: "*" });
  return Number(row?.rows);
}

async function makePlace(transaction: Transaction): Promise<void> {
  if ((await rows(transaction("unknown_push"))) < MOST_ROWS) return;
  const oldest = await transaction("unknown_push").orderBy("last_ms").first("source", "device");
  await transaction("unknown_push").where(oldest).delete();
}
