import type { Knex } from "knex";
import { insertRows } from "./insert-rows.ts";

/** A row of `message_log`; see the migration for what its columns mean. */
export interface MessageLogRow {
  readonly leaf_index: number;
  readonly version: number;
  readonly time_ms: number;
  readonly organisation: string;
  readonly user_name: string;
  readonly application: string;
  readonly service: string;
  readonly operation: string;
  readonly device: string;
  readonly correlation_uid: string;
  readonly direction: "in" | "out" | "to-device" | "from-device";
  readonly body_sha256: string;
  readonly stored_sha256: string;
  readonly redactions: number;
  readonly body: Uint8Array;
  readonly leaf_hash: Uint8Array;
}

const COLUMNS = [
  "leaf_index",
  "version",
  "time_ms",
  "organisation",
  "user_name",
  "application",
  "service",
  "operation",
  "device",
  "correlation_uid",
  "direction",
  "body_sha256",
  "stored_sha256",
  "redactions",
  "body",
  "leaf_hash",
] as const satisfies (keyof MessageLogRow)[];

export async function insertMessageLogRows(transaction: Knex, rows: readonly MessageLogRow[]): Promise<void> {
  const values = rows.map((row) => COLUMNS.map((column) => row[column]));
  await insertRows(transaction, "message_log", COLUMNS, values);
}

/** Rows from index `from` on, in order. */
export function readMessageLog(knex: Knex, from: number, limit: number): Promise<MessageLogRow[]> {
  return knex("message_log").where("leaf_index", ">=", from).orderBy("leaf_index").limit(limit);
}

/** The index that the next entry will get: how many there are when none is missing. */
export async function nextMessageLogIndex(knex: Knex): Promise<number> {
  const { next_index } = await knex("message_log_head").where({ id: 1 }).first();
  return next_index;
}
