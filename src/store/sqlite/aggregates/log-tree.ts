import { MISSING_ENTRY } from "../../../domain/log-leaf.ts";
import { edgeOf, growTree, HASH_LENGTH, type Tile } from "../../../domain/log-tree.ts";
import type { MessageLogStore } from "../../message-log.ts";
import { type CheckpointRow, toCheckpoint } from "../../rows/checkpoint.ts";
import type { Connection, Synchronous } from "../connection.ts";
import { entryAt, type PackRow } from "./log-pack.ts";

/** Hashes leaves and lets the tiles grow, in one transaction. */
export function integrate(db: Connection, limit: number): number {
  db.flush();
  const { integrated, next_index } = db.get<{ integrated: number; next_index: number }>(
    "select integrated, next_index from message_log_head where id = 1",
  )!;
  const count = Math.min(limit, next_index - integrated);
  if (count <= 0) return 0;
  const entries = entriesOf(db, integrated, integrated + count);
  const edge = edgeOf(integrated).map(({ level, number, width }) => {
    const tile = db.get<Tile>(
      "select level, number, hashes from log_tile where level = ? and number = ?",
      level,
      number,
    );
    // A crash leaves no more hashes than the head says; what was put behind them is not ours.
    return { level, number, hashes: tile?.hashes.subarray(0, width * HASH_LENGTH) ?? new Uint8Array() };
  });
  for (const { level, number, hashes } of growTree(integrated, edge, entries)) {
    db.run("insert or replace into log_tile (level, number, hashes) values (?, ?, ?)", level, number, hashes);
  }
  db.run("update message_log_head set integrated = ? where id = 1", integrated + count);
  return count;
}

/** What stands in the tree for the entries from `from` to before `to`. */
function entriesOf(db: Connection, from: number, to: number): Uint8Array[] {
  const entries: Uint8Array[] = new Array(to - from).fill(MISSING_ENTRY);
  const packs = db.all<Pick<PackRow, "first_index" | "entries">>(
    `select first_index, entries from message_log_pack
       where first_index < ? and first_index >= coalesce(
         (select max(first_index) from message_log_pack where first_index <= ?), 0)`,
    ...[to, from],
  );
  for (const pack of packs) {
    const end = Math.min(to, pack.first_index + pack.entries.length / HASH_LENGTH);
    for (let index = Math.max(from, pack.first_index); index < end; index++)
      entries[index - from] = entryAt(pack, index);
  }
  return entries;
}

export function tiles(db: Connection, level: number, from: number, limit: number): Tile[] {
  return db.all<Tile>(
    "select level, number, hashes from log_tile where level = ? and number >= ? order by number limit ?",
    ...[level, from, limit],
  );
}

export function checkpoints(
  db: Connection,
): Pick<Synchronous<MessageLogStore>, "putCheckpoint" | "checkpoints" | "checkpointUpTo"> {
  return {
    putCheckpoint({ size, note, madeMs, timestamp }) {
      db.run(
        `insert or replace into log_checkpoint (size, note, made_ms, stamped_note, timestamp_response)
          select ?, ?, ?, ?, ? from message_log_head where id = 1 and integrated >= ?`,
        ...[size, note, madeMs, timestamp?.note ?? null, timestamp?.response ?? null, size],
      );
      db.run("update message_log_head set signed = max(signed, min(?, integrated)) where id = 1", size);
    },
    checkpoints: (from, limit) =>
      db
        .all<CheckpointRow>("select * from log_checkpoint where size >= ? order by size limit ?", from, limit)
        .map(toCheckpoint),
    checkpointUpTo(size) {
      const row = db.get<CheckpointRow>(
        "select * from log_checkpoint where size <= ? order by size desc limit 1",
        size,
      );
      return row && toCheckpoint(row);
    },
  };
}
