import type { Leaf, LogClass } from "../../../domain/log-leaf.ts";
import type { LoggedEntry, LogHold, LogQuery, MessageLogStore, NewLogEntry } from "../../message-log.ts";
import type { Connection, Synchronous } from "../connection.ts";
import {
  entryIn,
  inflate,
  inflated,
  leavesIn,
  type PackedLeaf,
  type PackRow,
  PLACES,
  putPack,
  type StoredPack,
  withoutPayloads,
  writeEntriesAt,
} from "./log-pack.ts";
import { checkpoints, integrate, tiles } from "./log-tree.ts";

/** Puts entries in sequence: SQLite has one writer at a time, so the order of the commits is known before they are made. */
function insertEntries(db: Connection, entries: readonly NewLogEntry[]): void {
  const head = db.get<{ next_index: number }>(
    "update message_log_head set next_index = next_index + ? where id = 1 returning next_index",
    entries.length,
  );
  writeEntriesAt(db, head!.next_index - entries.length, entries);
}

/** Writes entries in the transaction that is open, together with those that others write in it. */
export function writeEntries(db: Connection, entries: readonly NewLogEntry[]): void {
  if (entries.length > 0) db.later(insertEntries, entries);
}

/** Packs that are read at once. */
const PACKS_AT_A_TIME = 16;

type Leaves = Omit<PackRow, "payloads">;

/**
 * Packs in their order, beginning with the one that has the entry `from` if there is one.
 * @param name only those that have it in the index
 */
function* packs<Row extends Leaves>(db: Connection, columns: string, from: number, name?: string): Generator<Row> {
  const sql =
    name === undefined
      ? `select ${columns} from message_log_pack where first_index >= ? order by first_index limit ${PACKS_AT_A_TIME}`
      : `select ${columns} from message_log_place join message_log_pack using (first_index)
           where name = ? and first_index >= ? order by first_index limit ${PACKS_AT_A_TIME}`;
  let next = db.get<{ first: number }>(
    "select coalesce(max(first_index), 0) as first from message_log_pack where first_index <= ?",
    from,
  )!.first;
  for (;;) {
    const rows = db.all<Row>(sql, ...(name === undefined ? [] : [name]), next);
    yield* rows;
    if (rows.length < PACKS_AT_A_TIME) return;
    next = rows.at(-1)!.first_index + 1;
  }
}

function* until<Row extends Leaves>(rows: Iterable<Row>, to: number): Generator<Row> {
  for (const row of rows) {
    if (row.first_index >= to) return;
    yield row;
  }
}

const LEAVES = "first_index, commitments, leaves";
const ALL = `${LEAVES}, entries, payloads, inflated_octets`;

/** Up to `limit` entries from index `from` on that fit. */
function pick<Row extends Leaves, Found>(
  rows: Iterable<Row>,
  from: number,
  limit: number,
  fits: (leaf: Leaf) => boolean,
  found: (packed: PackedLeaf, row: Row) => Found,
): Found[] {
  const picked: Found[] = [];
  for (const row of rows) {
    for (const packed of leavesIn(row)) {
      if (packed.leaf.index < from || !fits(packed.leaf)) continue;
      picked.push(found(packed, row));
      if (picked.length === limit) return picked;
    }
  }
  return picked;
}

function read(db: Connection, from: number, limit: number): LoggedEntry[] {
  return pick(
    map(packs<StoredPack>(db, ALL, from), inflated),
    from,
    limit,
    () => true,
    (packed, row) => entryIn(packed, row.payloads),
  );
}

function find(db: Connection, query: LogQuery, from: number, limit: number): LoggedEntry[] {
  const { class: name, organisation, device, correlationUid, fromMs = 0, beforeMs = Infinity, to = Infinity } = query;
  const place = correlationUid !== undefined ? PLACES.uid(correlationUid) : name === "log" ? PLACES.own : undefined;
  const asked = Object.entries({ class: name, organisation, device, correlationUid }) as [keyof Leaf, unknown][];
  const wanted = asked.filter(([, value]) => value !== undefined);
  const fits = (leaf: Leaf) =>
    wanted.every(([member, value]) => leaf[member] === value) &&
    leaf.timeMs >= fromMs &&
    leaf.timeMs < beforeMs &&
    leaf.index < to;
  // Most packs have none of them: in JSON these texts stand nowhere else.
  const texts = wanted.map(([member, value]) => `"${member}":${JSON.stringify(value)}`);
  const rows = filter(until(packs<StoredPack>(db, ALL, from, place), to), ({ leaves }) =>
    texts.every((text) => leaves.includes(text)),
  );
  return pick(map(rows, inflated), from, limit, fits, (packed, row) => entryIn(packed, row.payloads));
}

function* filter<Item>(items: Iterable<Item>, isWanted: (item: Item) => boolean): Generator<Item> {
  for (const item of items) if (isWanted(item)) yield item;
}

function* map<Item, Other>(items: Iterable<Item>, change: (item: Item) => Other): Generator<Other> {
  for (const item of items) yield change(item);
}

/** Whether it is a message between us and this device; of one organisation, or of all. */
function isOfDevice(leaf: Leaf, device: string, organisation: string | undefined): boolean {
  const isWanted = leaf.device === device && (organisation === undefined || leaf.organisation === organisation);
  return isWanted && (leaf.direction === "to-device" || leaf.direction === "from-device");
}

type Page = Parameters<MessageLogStore["ofDevice"]>[1];

function ofDevice(db: Connection, device: string, { offset, limit, organisation }: Page): LoggedEntry[] {
  const sql = `select ${ALL} from message_log_place join message_log_pack using (first_index)
    where name = ? and first_index < ? order by first_index desc limit ${PACKS_AT_A_TIME}`;
  const found: LoggedEntry[] = [];
  let toSkip = offset;
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const rows = db.all<StoredPack>(sql, PLACES.device(device), before);
    for (const row of map(rows, inflated)) {
      for (const packed of leavesIn(row).reverse()) {
        if (!isOfDevice(packed.leaf, device, organisation) || toSkip-- > 0) continue;
        if (found.length === limit) return found;
        found.push(entryIn(packed, row.payloads));
      }
    }
    if (rows.length < PACKS_AT_A_TIME) return found;
    before = rows.at(-1)!.first_index;
  }
}

function countOfDevice(db: Connection, device: string, organisation: string | undefined): number {
  let count = 0;
  for (const row of packs(db, LEAVES, 0, PLACES.device(device))) {
    count += leavesIn(row).filter(({ leaf }) => isOfDevice(leaf, device, organisation)).length;
  }
  return count;
}

type Range = { readonly class: LogClass; readonly from: number; readonly to: number; readonly beforeMs: number };

function isHeld(leaf: Leaf, hold: LogHold): boolean {
  const asked = [
    [hold.organisation, leaf.organisation],
    [hold.device, leaf.device],
    [hold.correlationUid, leaf.correlationUid],
  ];
  return asked.every(([held, own]) => held === undefined || held === own);
}

function erase(db: Connection, { class: name, from, to, beforeMs }: Range, entries: readonly NewLogEntry[]): number {
  db.flush();
  const held = holds(db);
  let erased = 0;
  const isErased = (leaf: Leaf, index: number) => {
    const isOld = leaf.class === name && leaf.timeMs < beforeMs && index >= from && index < to;
    const goes = isOld && !held.some((hold) => isHeld(leaf, hold));
    if (goes) erased += 1;
    return goes;
  };
  for (const row of packs<StoredPack>(db, ALL, from)) {
    if (row.first_index >= to) break;
    const payloads = inflate(row);
    // What is to be kept of it would go with the rest, and perhaps can be mended.
    if (!payloads) continue;
    const before = erased;
    const without = withoutPayloads({ ...row, payloads }, isErased);
    if (erased > before) putPack(db, without);
  }
  writeEntries(db, entries);
  return erased;
}

function holds(db: Connection): LogHold[] {
  return db
    .all<HoldRow>("select * from log_hold order by name")
    .map(({ name, reason, since_ms: sinceMs, organisation, device, correlation_uid: correlationUid }) => ({
      ...{ name, reason, sinceMs },
      ...(organisation !== null && { organisation }),
      ...(device !== null && { device }),
      ...(correlationUid !== null && { correlationUid }),
    }));
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
    read: (from, limit) => read(db, from, limit),
    leaves: (from, limit) =>
      pick(
        packs(db, LEAVES, from),
        from,
        limit,
        () => true,
        ({ leaf }) => leaf,
      ),
    find: (query, from, limit) => find(db, query, from, limit),
    ofDevice: (device, page) => ofDevice(db, device, page),
    countOfDevice: (device, organisation) => countOfDevice(db, device, organisation),
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
    holds: () => holds(db),
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
