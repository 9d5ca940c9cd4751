import type { Checkpoint } from "../message-log.ts";

export interface CheckpointRow {
  readonly size: number;
  readonly note: string;
  readonly made_ms: number;
  readonly stamped_note: string | null;
  readonly timestamp_response: Uint8Array | null;
}

export function toCheckpoint(row: CheckpointRow): Checkpoint {
  const { size, note, made_ms: madeMs, stamped_note: stamped, timestamp_response: response } = row;
  return { size, note, madeMs, ...(stamped !== null && response && { timestamp: { note: stamped, response } }) };
}
