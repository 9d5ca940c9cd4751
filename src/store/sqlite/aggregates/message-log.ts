import type { LogClass } from "../../../domain/log-leaf.ts";
import { commitmentsOf } from "../../log-entry.ts";
import type { LoggedEntry, LogQuery, MessageLogStore, NewLogEntry } from "../../message-log.ts";
import type { Connection, SqlValue, Synchronous } from "../connection.ts";
import { LEAF_COLUMNS, type LogRow, toEntry, toLeaf } from "./log-row.ts";
import { checkpoints, integrate, tiles } from "./log-tree.ts";

/** Messages between us and a device, which an index has; of one organisation, or of all when it is null. */
const OF_DEVICE =
  "device = ? and direction in ('to-device', 'from-device') and (cast(? as text) is null or organisation = ?)";

const COLUMNS = [...LEAF_COLUMNS, "salt", "original_salt", "payload"] as const;

function toValues(entry: NewLogEntry, index: number): SqlValue[] {
  const { leaf, stored, salt, original } = entry;
  return [
    index,
    leaf.version,
    leaf.class,
    leaf.timeMs,
    leaf.organisation,
    leaf.user,
    leaf.application,
    leaf.service,
    leaf.operation,
    leaf.device,
    leaf.correlationUid,
    leaf.direction,
    leaf.redactions,
    commitmentsOf(entry).stored,
    original?.hash ?? null,
    null,
    salt,
    original?.salt ?? null,
    stored,
  ];
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

function find(db: Connection, query: LogQuery, from: number, limit: number): LoggedEntry[] {
  const conditions: readonly (readonly [string, SqlValue | undefined])[] = [
    ["class = ?", query.class],
    ["organisation = ?", query.organisation],
    ["device = ?", query.device],
    ["correlation_uid = ?", query.correlationUid],
    ["time_ms >= ?", query.fromMs],
    ["time_ms < ?", query.beforeMs],
  ];
  const given = conditions.filter(([, value]) => value !== undefined);
  // Said as the index of it says it, or it is not taken.
  const texts = given.map(([text]) => (text === "class = ?" && query.class === "log" ? "class = 'log'" : text));
  const values = given.filter(([text]) => text !== "class = ?" || query.class !== "log").map(([, value]) => value!);
  const where = ["leaf_index >= ?", ...texts].join(" and ");
  return db
    .all<LogRow>(`select * from message_log where ${where} order by leaf_index limit ?`, from, ...values, limit)
    .map(toEntry);
}

type Range = { readonly class: LogClass; readonly from: number; readonly to: number; readonly beforeMs: number };

function erase(db: Connection, { class: name, from, to, beforeMs }: Range, entries: readonly NewLogEntry[]): number {
  const erased = db.run(
    `update message_log set payload = null, salt = null, original_salt = null
      where leaf_index >= ? and leaf_index < ? and class = ? and time_ms < ? and payload is not null
        and not exists (
          select 1 from log_hold h
            where (h.organisation is null or h.organisation = message_log.organisation)
              and (h.device is null or h.device = message_log.device)
              and (h.correlation_uid is null or h.correlation_uid = message_log.correlation_uid))`,
    ...[from, to, name, beforeMs],
  );
  writeEntries(db, entries);
  return erased;
}

export function messageLog(db: Connection): Synchronous<MessageLogStore> {
  return {
    append: (entries) => writeEntries(db, entries),
    sequence: () => 0,
    integrate: (limit) => integrate(db, limit),
    positions: () =>
      db.get<{ sequenced: number; integrated: number; signed: number }>(
        "select next_index as sequenced, integrated, signed from message_log_head where id = 1",
      )!,
    read: (from, limit) =>
      db
        .all<LogRow>("select * from message_log where leaf_index >= ? order by leaf_index limit ?", from, limit)
        .map(toEntry),
    leaves: (from, limit) =>
      db
        .all<LogRow>(
          `select ${LEAF_COLUMNS.join(", ")} from message_log where leaf_index >= ? order by leaf_index limit ?`,
          ...[from, limit],
        )
        .map(toLeaf),
    find: (query, from, limit) => find(db, query, from, limit),
    ofDevice: (device, { offset, limit, organisation }) =>
      db
        .all<LogRow>(
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
    tiles: (level, from, limit) => tiles(db, level, from, limit),
    ...checkpoints(db),
    erase: (range, entries) => erase(db, range, entries),
    putHold: ({ name, reason, sinceMs, organisation, device, correlationUid }, entries) => {
      db.run(
        `insert or replace into log_hold (name, reason, since_ms, organisation, device, correlation_uid)
          values (?, ?, ?, ?, ?, ?)`,
        ...[name, reason, sinceMs, organisation ?? null, device ?? null, correlationUid ?? null],
      );
      writeEntries(db, entries);
    },
    removeHold: (name, entries) => {
      const isRemoved = db.run("delete from log_hold where name = ?", name) > 0;
      if (isRemoved) writeEntries(db, entries);
      return isRemoved;
    },
    holds: () =>
      db
        .all<HoldRow>("select * from log_hold order by name")
        .map(({ name, reason, since_ms: sinceMs, organisation, device, correlation_uid: correlationUid }) => ({
          ...{ name, reason, sinceMs },
          ...(organisation !== null && { organisation }),
          ...(device !== null && { device }),
          ...(correlationUid !== null && { correlationUid }),
        })),
  };
}

interface HoldRow {
  readonly name: string;
  readonly reason: string;
  readonly since_ms: number;
  readonly organisation: string | null;
  readonly device: string | null;
  readonly correlation_uid: string | null;
}
