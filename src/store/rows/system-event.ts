import type { StoredSystemEvent } from "../system-events.ts";

export interface SystemEventRow {
  readonly correlation_uid: string;
  readonly organisation: string;
  readonly device: string;
  readonly type: string;
  readonly at_ms: number;
  readonly reason: string;
}

export function toEvent({ correlation_uid: correlationUid, at_ms: atMs, ...row }: SystemEventRow): StoredSystemEvent {
  return { correlationUid, atMs, ...row };
}
