import type { StoredPush } from "../pushes.ts";

export interface PushRow {
  readonly correlation_uid: string;
  readonly organisation: string;
  readonly device: string;
  readonly received_ms: number;
  readonly alarms: string;
  readonly description: string;
  readonly message: Uint8Array;
}

export interface UnknownPushRow {
  readonly source: string;
  readonly device: string;
  readonly pushes: number;
  readonly first_ms: number;
  readonly last_ms: number;
  readonly description: string;
}

export function toPush(row: PushRow): StoredPush {
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

/** A row of a list: one that cannot be read says so in its place, and the others go on. */
export function toListedPush(row: PushRow): StoredPush {
  try {
    return toPush(row);
  } catch {
    return toPush({ ...row, alarms: "[]", description: "The stored alarms cannot be read." });
  }
}

/** Devices of one source that are told apart: anybody can make up names. */
export const DEVICES_PER_SOURCE = 8;
/** Rows in all; a new one takes the place of the one that was silent longest. */
export const MOST_UNKNOWN = 1_000;
