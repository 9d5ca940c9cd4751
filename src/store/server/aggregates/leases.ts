import type { LeasesStore } from "../../leases.ts";
import type { Session } from "../session.ts";

export function leases(db: Session): LeasesStore {
  return {
    async acquire(name, holder, durationMs) {
      const { steadyMs } = await db.time();
      const untilMs = steadyMs + durationMs;
      const row = await db.get<{ token: number }>(db.statements.acquireLease, name, holder, untilMs, steadyMs);
      return row?.token;
    },

    async extend(name, token, durationMs) {
      const { steadyMs } = await db.time();
      const sql = "update lease set until_ms = ? where name = ? and token = ? and until_ms > ?";
      return (await db.run(sql, steadyMs + durationMs, name, token, steadyMs)) > 0;
    },

    async release(name, token) {
      // The row stays, and with it the token: the next holder's is higher.
      await db.run("update lease set until_ms = 0 where name = ? and token = ?", name, token);
    },
  };
}
