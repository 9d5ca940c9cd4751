import type { Direction, Leaf, LogClass } from "../../domain/log-leaf.ts";
import type { LoggedEntry } from "../message-log.ts";

/** A row of the message log; the last three are read only with the payload. */
export interface LogRow {
  readonly leaf_index: number;
  readonly version: number;
  readonly class: LogClass;
  readonly time_ms: number;
  readonly organisation: string;
  readonly user_name: string;
  readonly application: string;
  readonly service: string;
  readonly operation: string;
  readonly device: string;
  readonly correlation_uid: string;
  readonly direction: Direction;
  readonly redactions: number;
  readonly stored_hash: Uint8Array;
  readonly original_hash: Uint8Array | null;
  readonly leaf_hash: Uint8Array | null;
  readonly salt: Uint8Array | null;
  readonly original_salt: Uint8Array | null;
  readonly payload: Uint8Array | null;
}

/** All that a leaf is made from, in the order of the table. */
export const LEAF_COLUMNS = [
  "leaf_index",
  "version",
  "class",
  "time_ms",
  "organisation",
  "user_name",
  "application",
  "service",
  "operation",
  "device",
  "correlation_uid",
  "direction",
  "redactions",
  "stored_hash",
  "original_hash",
  "leaf_hash",
] as const satisfies (keyof LogRow)[];

/** All columns of a row, as databases have them that keep one for each entry. */
export const LOG_COLUMNS = [...LEAF_COLUMNS, "salt", "original_salt", "payload"] as const satisfies (keyof LogRow)[];

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

export function toLeaf(row: Omit<LogRow, "salt" | "original_salt" | "payload">): Leaf {
  const storedHash = hex(row.stored_hash);
  return {
    version: row.version,
    index: row.leaf_index,
    class: row.class,
    timeMs: row.time_ms,
    organisation: row.organisation,
    user: row.user_name,
    application: row.application,
    service: row.service,
    operation: row.operation,
    device: row.device,
    correlationUid: row.correlation_uid,
    direction: row.direction,
    bodyHash: row.original_hash ? hex(row.original_hash) : storedHash,
    storedHash,
    redactions: row.redactions,
  };
}

/** @param entry what stands in the tree for an entry of version 1, which its row has */
export function toRow({ leaf, stored, salt, originalSalt }: LoggedEntry, entry: Uint8Array): LogRow {
  return {
    leaf_index: leaf.index,
    version: leaf.version,
    class: leaf.class,
    time_ms: leaf.timeMs,
    organisation: leaf.organisation,
    user_name: leaf.user,
    application: leaf.application,
    service: leaf.service,
    operation: leaf.operation,
    device: leaf.device,
    correlation_uid: leaf.correlationUid,
    direction: leaf.direction,
    redactions: leaf.redactions,
    stored_hash: Buffer.from(leaf.storedHash, "hex"),
    original_hash: leaf.bodyHash === leaf.storedHash ? null : Buffer.from(leaf.bodyHash, "hex"),
    leaf_hash: leaf.version === 1 ? entry : null,
    salt: salt ?? null,
    original_salt: originalSalt ?? null,
    payload: stored ?? null,
  };
}

export function toEntry(row: LogRow): LoggedEntry {
  return {
    leaf: toLeaf(row),
    stored: row.payload ?? undefined,
    salt: row.salt ?? undefined,
    originalSalt: row.original_salt ?? undefined,
  };
}
