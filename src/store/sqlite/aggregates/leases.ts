import type { LeasesStore } from "../../leases.ts";
import type { Connection, Synchronous } from "../connection.ts";

export function leases(db: Connection): Synchronous<LeasesStore> {
  return {
    acquire(name, holder, durationMs) {
      const row = db.get<{ token: number }>(
        `insert into lease (name, holder, token, until_ms) values (?, ?, 1, ?)
         on conflict (name) do update set holder = excluded.holder, token = token + 1, until_ms = excluded.until_ms
         where lease.holder = excluded.holder or lease.until_ms <= ?
         returning token`,
        ...[name, holder, db.steadyMs + durationMs, db.steadyMs],
      );
      return row?.token;
    },

    extend(name, token, durationMs) {
      const { steadyMs } = db;
      const sql = "update lease set until_ms = ? where name = ? and token = ? and until_ms > ?";
      return db.run(sql, steadyMs + durationMs, name, token, steadyMs) > 0;
    },

    release(name, token) {
      // The row stays, and with it the token: the next holder's is higher.
      db.run("update lease set until_ms = 0 where name = ? and token = ?", name, token);
    },
  };
}
