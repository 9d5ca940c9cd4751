import { entryOf, MISSING_ENTRY } from "../../../domain/log-leaf.ts";
import { edgeOf, growTree, HASH_LENGTH, type Tile } from "../../../domain/log-tree.ts";
import type { MessageLogStore } from "../../message-log.ts";
import { type CheckpointRow, toCheckpoint } from "../../rows/checkpoint.ts";
import { LEAF_COLUMNS, type LogRow, toLeaf } from "../../rows/log-entry.ts";
import { AT_MOST, type Session } from "../session.ts";

/** Hashes leaves and lets the tiles grow, in one transaction. */
export async function integrate(db: Session, limit: number): Promise<number> {
  db.lock("tree of the message log");
  const { integrated, next_index } = (await db.get<{ integrated: number; next_index: number }>(
    "select integrated, next_index from message_log_head where id = 1",
  ))!;
  const count = Math.min(limit, next_index - integrated);
  if (count <= 0) return 0;
  const entries: Uint8Array[] = new Array(count).fill(MISSING_ENTRY);
  const rows = await db.all<LogRow>(
    `select ${LEAF_COLUMNS.join(", ")} from message_log where leaf_index >= ? and leaf_index < ?`,
    ...[integrated, integrated + count],
  );
  for (const row of rows) entries[row.leaf_index - integrated] = row.leaf_hash ?? entryOf(toLeaf(row));
  const edge: Tile[] = [];
  for (const { level, number, width } of edgeOf(integrated)) {
    const sql = "select level, number, hashes from log_tile where level = ? and number = ?";
    const tile = await db.get<Tile>(sql, level, number);
    // A crash leaves no more hashes than the head says; what was put behind them is not ours.
    edge.push({ level, number, hashes: tile?.hashes.subarray(0, width * HASH_LENGTH) ?? new Uint8Array() });
  }
  for (const { level, number, hashes } of growTree(integrated, edge, entries)) {
    db.upsert("log_tile", { level, number }, { hashes });
  }
  db.send("update message_log_head set integrated = ? where id = 1", integrated + count);
  return count;
}

export async function tiles(db: Session, level: number, from: number, limit: number): Promise<Tile[]> {
  return db.all<Tile>(
    `select level, number, hashes from log_tile where level = ? and number >= ? order by number ${AT_MOST}`,
    ...[level, from, limit],
  );
}

export function checkpoints(db: Session): Pick<MessageLogStore, "putCheckpoint" | "checkpoints" | "checkpointUpTo"> {
  return {
    async putCheckpoint({ size, note, madeMs, timestamp }) {
      db.lock("tree of the message log");
      const head = (await db.get<{ integrated: number; signed: number }>(
        "select integrated, signed from message_log_head where id = 1",
      ))!;
      if (size <= head.integrated) {
        const stamp = { stamped_note: timestamp?.note ?? null, timestamp_response: timestamp?.response ?? null };
        db.upsert("log_checkpoint", { size }, { note, made_ms: madeMs, ...stamp });
      }
      const signed = Math.max(head.signed, Math.min(size, head.integrated));
      db.send("update message_log_head set signed = ? where id = 1", signed);
    },
    async checkpoints(from, limit) {
      const sql = `select * from log_checkpoint where size >= ? order by size ${AT_MOST}`;
      return (await db.all<CheckpointRow>(sql, from, limit)).map(toCheckpoint);
    },
    async checkpointUpTo(size) {
      const sql = `select * from log_checkpoint where size <= ? order by size desc ${AT_MOST}`;
      const row = await db.get<CheckpointRow>(sql, size, 1);
      return row && toCheckpoint(row);
    },
  };
}
