import type { LogClass } from "../../../domain/log-leaf.ts";
import { placed } from "../../log-entry.ts";
import type { LoggedEntry, LogQuery, MessageLogStore, NewLogEntry } from "../../message-log.ts";
import { LEAF_COLUMNS, type LogRow, toEntry, toLeaf } from "../../rows/log-entry.ts";
import { AT_MOST, type Session, type SqlValue } from "../session.ts";
import { checkpoints, integrate, tiles } from "./log-tree.ts";

/** What an entry brings before it has its place. */
const NEW_COLUMNS = [
  ...LEAF_COLUMNS.filter((name) => name !== "leaf_index" && name !== "leaf_hash"),
  ...["salt", "original_salt", "payload"],
];
/** Where entries wait for their place: by transaction, and in it in their order. */
const WAITING_COLUMNS = ["batch", "ordinal", ...NEW_COLUMNS];

function toValues(entry: NewLogEntry): SqlValue[] {
  // It gets its place later.
  const { leaf, stored, salt, originalSalt } = placed(entry, 0);
  return [
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
    Buffer.from(leaf.storedHash, "hex"),
    leaf.bodyHash === leaf.storedHash ? null : Buffer.from(leaf.bodyHash, "hex"),
    salt!,
    originalSalt ?? null,
    stored!,
  ];
}

async function insertEntries(db: Session, entries: readonly NewLogEntry[]): Promise<void> {
  const batch = await db.batch();
  const rows = entries.map((entry, at) => [batch, at, ...toValues(entry)]);
  db.insert("message_log_waiting", WAITING_COLUMNS, rows);
}

/** Writes entries in the transaction that is open, together with those that others write in it. */
export function writeEntries(db: Session, entries: readonly NewLogEntry[]): void {
  if (entries.length > 0) db.later(insertEntries, entries);
}

/** Gives entries their places. What one transaction wrote is seen at once or not at all, and stands together. */
async function sequence(db: Session, limit: number): Promise<number> {
  db.lock("sequence of the message log");
  const waiting = await db.all<{ batch: number }>(
    `select batch from message_log_waiting order by batch, ordinal ${AT_MOST}`,
    limit,
  );
  if (waiting.length === 0) return 0;
  const batches = [...new Set(waiting.map(({ batch }) => batch))];
  const { next_index: first } = (await db.get<{ next_index: number }>(
    "select next_index from message_log_head where id = 1",
  ))!;
  const count = await db.run(
    `insert into message_log (leaf_index, ${NEW_COLUMNS.join(", ")})
       select cast(? as bigint) + row_number() over (order by batch, ordinal) - 1, ${NEW_COLUMNS.join(", ")}
       from message_log_waiting where batch ${db.among}`,
    ...[first, batches],
  );
  db.send("update message_log_head set next_index = ? where id = 1", first + count);
  db.send(`delete from message_log_waiting where batch ${db.among}`, batches);
  return Math.min(count, limit);
}

/** Messages between us and a device, which an index has; of one organisation, or of all. */
function ofDevice(organisation: string | undefined): readonly [where: string, values: string[]] {
  const where = "device = ? and direction in ('to-device', 'from-device')";
  return organisation === undefined ? [where, []] : [`${where} and organisation = ?`, [organisation]];
}

async function find(db: Session, query: LogQuery, from: number, limit: number): Promise<LoggedEntry[]> {
  const conditions: readonly (readonly [string, SqlValue | undefined])[] = [
    ["organisation = ?", query.organisation],
    ["device = ?", query.device],
    ["correlation_uid = ?", query.correlationUid],
    ["time_ms >= ?", query.fromMs],
    ["time_ms < ?", query.beforeMs],
    ["leaf_index < ?", query.to],
  ];
  const given = conditions.filter(([, value]) => value !== undefined);
  // Said as the index of it says it, or it is not taken.
  const ofClass = query.class === undefined ? [] : [`class = '${query.class}'`];
  const where = ["leaf_index >= ?", ...ofClass, ...given.map(([text]) => text)].join(" and ");
  const rows = await db.all<LogRow>(
    `select * from message_log where ${where} order by leaf_index ${AT_MOST}`,
    ...[from, ...given.map(([, value]) => value!), limit],
  );
  return rows.map(toEntry);
}

type Range = { readonly class: LogClass; readonly from: number; readonly to: number; readonly beforeMs: number };

async function erase(
  db: Session,
  { class: name, from, to, beforeMs }: Range,
  entries: readonly NewLogEntry[],
): Promise<number> {
  const erased = await db.run(
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

interface HoldRow {
  readonly name: string;
  readonly reason: string;
  readonly since_ms: number;
  readonly organisation: string | null;
  readonly device: string | null;
  readonly correlation_uid: string | null;
}

async function positions(db: Session): Promise<{ sequenced: number; integrated: number; signed: number }> {
  const sql = "select next_index as sequenced, integrated, signed from message_log_head where id = 1";
  return (await db.get<{ sequenced: number; integrated: number; signed: number }>(sql))!;
}

export function messageLog(db: Session): MessageLogStore {
  return {
    append: async (entries) => writeEntries(db, entries),
    sequence: (limit) => sequence(db, limit),
    integrate: (limit) => integrate(db, limit),
    positions: () => positions(db),
    read: (from, limit) => find(db, {}, from, limit),
    async leaves(from, limit) {
      const sql = `select ${LEAF_COLUMNS.join(", ")} from message_log where leaf_index >= ? order by leaf_index ${AT_MOST}`;
      return (await db.all<LogRow>(sql, from, limit)).map(toLeaf);
    },
    find: (query, from, limit) => find(db, query, from, limit),
    async ofDevice(device, { offset, limit, organisation }) {
      const [where, values] = ofDevice(organisation);
      const rows = await db.all<LogRow>(
        `select * from message_log where ${where} order by leaf_index desc offset (?) rows fetch next (?) rows only`,
        ...[device, ...values, offset, limit],
      );
      return rows.map(toEntry);
    },
    async countOfDevice(device, organisation) {
      const [where, values] = ofDevice(organisation);
      const sql = `select count(*) as entries from message_log where ${where}`;
      return (await db.get<{ entries: number }>(sql, device, ...values))!.entries;
    },
    size: async () => (await positions(db)).sequenced,
    tiles: (level, from, limit) => tiles(db, level, from, limit),
    ...checkpoints(db),
    erase: (range, entries) => erase(db, range, entries),
    async putHold({ name, reason, sinceMs, organisation, device, correlationUid }, entries) {
      const covers = { organisation: organisation ?? null, device: device ?? null };
      const values = { reason, since_ms: sinceMs, ...covers, correlation_uid: correlationUid ?? null };
      db.upsert("log_hold", { name }, values);
      writeEntries(db, entries);
    },
    async removeHold(name, entries) {
      const isRemoved = (await db.run("delete from log_hold where name = ?", name)) > 0;
      if (isRemoved) writeEntries(db, entries);
      return isRemoved;
    },
    async holds() {
      const rows = await db.all<HoldRow>("select * from log_hold order by name");
      return rows.map(({ name, reason, since_ms: sinceMs, organisation, device, correlation_uid: correlationUid }) => ({
        ...{ name, reason, sinceMs },
        ...(organisation !== null && { organisation }),
        ...(device !== null && { device }),
        ...(correlationUid !== null && { correlationUid }),
      }));
    },
  };
}
