import { encodeLeaf, hashLeaf } from "../../../domain/log-leaf.ts";
import type { LoggedEntry, MessageLogStore, NewLogEntry } from "../../message-log.ts";
import type { Connection, Synchronous } from "../connection.ts";

/** Messages between us and a device, which an index has; of one organisation, or of all when it is null. */
const OF_DEVICE =
  "device = ? and direction in ('to-device', 'from-device') and (cast(? as text) is null or organisation = ?)";

interface Row {
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
] as const satisfies (keyof Row)[];

function toValues({ leaf, stored }: NewLogEntry, index: number): Row[keyof Row][] {
  return [
    index,
    leaf.version,
    leaf.timeMs,
    leaf.organisation,
    leaf.user,
    leaf.application,
    leaf.service,
    leaf.operation,
    leaf.device,
    leaf.correlationUid,
    leaf.direction,
    leaf.bodySha256,
    leaf.storedSha256,
    leaf.redactions,
    stored,
    hashLeaf(encodeLeaf({ ...leaf, index })),
  ];
}

function toEntry(row: Row): LoggedEntry {
  return {
    leaf: {
      version: row.version,
      index: row.leaf_index,
      timeMs: row.time_ms,
      organisation: row.organisation,
      user: row.user_name,
      application: row.application,
      service: row.service,
      operation: row.operation,
      device: row.device,
      correlationUid: row.correlation_uid,
      direction: row.direction,
      bodySha256: row.body_sha256,
      storedSha256: row.stored_sha256,
      redactions: row.redactions,
    },
    stored: row.body,
    leafHash: row.leaf_hash,
  };
}

/** Puts entries in sequence: SQLite has one writer at a time, so the order of the commits is known before they are made. */
function insertEntries(db: Connection, entries: readonly NewLogEntry[]): void {
  const head = db.get<{ next_index: number }>(
    "update message_log_head set next_index = next_index + ? where id = 1 returning next_index",
    entries.length,
  );
  const first = head!.next_index - entries.length;
  db.insert(
    "message_log",
    COLUMNS,
    entries.map((entry, at) => toValues(entry, first + at)),
  );
}

/** Writes entries in the transaction that is open, together with those that others write in it. */
export function writeEntries(db: Connection, entries: readonly NewLogEntry[]): void {
  if (entries.length > 0) db.later(insertEntries, entries);
}

export function messageLog(db: Connection): Synchronous<MessageLogStore> {
  return {
    append: (entries) => writeEntries(db, entries),
    sequence: () => 0,
    read: (from, limit) =>
      db
        .all<Row>("select * from message_log where leaf_index >= ? order by leaf_index limit ?", from, limit)
        .map(toEntry),
    ofDevice: (device, { offset, limit, organisation }) =>
      db
        .all<Row>(
          `select * from message_log where ${OF_DEVICE} order by leaf_index desc limit ? offset ?`,
          ...[device, organisation ?? null, organisation ?? null, limit, offset],
        )
        .map(toEntry),
    countOfDevice: (device, organisation) =>
      db.get<{ entries: number }>(
        `select count(*) as entries from message_log where ${OF_DEVICE}`,
        ...[device, organisation ?? null, organisation ?? null],
      )!.entries,
    size: () => db.get<{ next_index: number }>("select next_index from message_log_head where id = 1")!.next_index,
  };
}
