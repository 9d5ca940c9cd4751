import type { StoredNotification } from "../notifications.ts";

export interface NotificationRow {
  readonly id: number;
  readonly correlation_uid: string;
  readonly organisation: string;
  readonly application: string;
  readonly device: string;
  readonly about: string;
  readonly result: "OK" | "NOT OK";
  readonly message: string | null;
  readonly url: string;
  readonly failures: number;
  readonly created_ms: number;
  readonly due_ms: number;
  readonly last_error: string | null;
}

export function toNotification(row: NotificationRow): StoredNotification {
  return {
    id: row.id,
    correlationUid: row.correlation_uid,
    organisation: row.organisation,
    application: row.application,
    device: row.device,
    about: row.about,
    result: row.result,
    message: row.message ?? undefined,
    url: row.url,
    failures: row.failures,
    createdMs: row.created_ms,
    dueMs: row.due_ms,
    lastError: row.last_error ?? undefined,
  };
}

/** What is to be told, before it is known whether there is anybody. */
export type News = Pick<
  StoredNotification,
  "correlationUid" | "organisation" | "device" | "about" | "result" | "message"
>;

export const NOTIFICATION_COLUMNS = [
  "correlation_uid",
  "organisation",
  "application",
  "device",
  "about",
  "result",
  "message",
  "response_url",
  "url",
  "origin",
  "created_ms",
  "due_ms",
] as const;

/** Notifications with an address that is no URL count as one target. */
export function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : "";
}

/** Everything that is the same in all states but where it goes: the dead are sent to where the application is now. */
export const REPLAY = `update notification set state = 'waiting', failures = 0, due_ms = ?, last_error = null
  where id = ? and state = 'dead'`;
