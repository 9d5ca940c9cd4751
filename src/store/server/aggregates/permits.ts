import { type PermitsStore, type PermitWish, takeFromBucket } from "../../permits.ts";
import type { Session } from "../session.ts";

async function isFull(db: Session, column: "network" | "segment", name: string, most: number): Promise<boolean> {
  if (most === 0) return false;
  const sql = `select count(*) as taken from permit where ${column} = ?`;
  return (await db.get<{ taken: number }>(sql, name))!.taken >= most;
}

async function take(db: Session, { id, network, segment, limits, forMs }: PermitWish): Promise<boolean> {
  // One after the other, or two would both take the last one.
  db.lock(`permits ${network}`);
  const { steadyMs } = await db.time();
  db.send("delete from permit where until_ms <= ?", steadyMs);
  if (await isFull(db, "network", network, limits.open)) return false;
  const place = segment === undefined ? null : `${network} ${segment}`;
  if (place !== null && (await isFull(db, "segment", place, limits.openInSegment))) return false;
  if (limits.perSecond > 0) {
    const name = place ?? network;
    const row = await db.get<{ tokens: number; at_ms: number }>("select * from permit_bucket where name = ?", name);
    const tokens = takeFromBucket(row && { tokens: row.tokens, atMs: row.at_ms }, limits.perSecond, steadyMs);
    if (tokens === undefined) return false;
    db.upsert("permit_bucket", { name }, { tokens, at_ms: steadyMs });
  }
  db.insert("permit", ["id", "network", "segment", "until_ms"], [[id, network, place, steadyMs + forMs]]);
  return true;
}

export function permits(db: Session): PermitsStore {
  return {
    take: (wish) => take(db, wish),
    async give(id) {
      await db.run("delete from permit where id = ?", id);
    },
  };
}
