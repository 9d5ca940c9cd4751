import { type PermitsStore, type PermitWish, takeFromBucket } from "../../permits.ts";
import type { Connection, Synchronous } from "../connection.ts";

function isFull(db: Connection, column: "network" | "segment", name: string, most: number): boolean {
  if (most === 0) return false;
  const sql = `select count(*) as open from permit where ${column} = ?`;
  return db.get<{ open: number }>(sql, name)!.open >= most;
}

function take(db: Connection, { id, network, segment, limits, forMs }: PermitWish): boolean {
  const { steadyMs } = db;
  db.run("delete from permit where until_ms <= ?", steadyMs);
  if (isFull(db, "network", network, limits.open)) return false;
  const place = segment === undefined ? null : `${network} ${segment}`;
  if (place !== null && isFull(db, "segment", place, limits.openInSegment)) return false;
  if (limits.perSecond > 0) {
    const bucket = place ?? network;
    const row = db.get<{ tokens: number; at_ms: number }>("select * from permit_bucket where name = ?", bucket);
    const tokens = takeFromBucket(row && { tokens: row.tokens, atMs: row.at_ms }, limits.perSecond, steadyMs);
    if (tokens === undefined) return false;
    db.run("insert or replace into permit_bucket (name, tokens, at_ms) values (?, ?, ?)", bucket, tokens, steadyMs);
  }
  db.run(
    "insert into permit (id, network, segment, until_ms) values (?, ?, ?, ?)",
    id,
    network,
    place,
    steadyMs + forMs,
  );
  return true;
}

export function permits(db: Connection): Synchronous<PermitsStore> {
  return {
    take: (wish) => take(db, wish),
    give(id) {
      db.run("delete from permit where id = ?", id);
    },
  };
}
