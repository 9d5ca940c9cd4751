import type { Place, RequestsStore } from "../../requests.ts";
import { CONDITIONS, PLACES, toFailed, toUnfinished } from "../../rows/overview.ts";
import { type RequestRow, toError } from "../../rows/request.ts";
import type { Connection, Synchronous } from "../connection.ts";
import { lastErrorOf } from "./runs.ts";

/** What operators look at. */
export function overview(
  db: Connection,
): Pick<Synchronous<RequestsStore>, "countUnfinished" | "listUnfinished" | "listFailed"> {
  return {
    countUnfinished() {
      const counts: Record<Place, number> = { later: 0, ready: 0, parked: 0, running: 0 };
      for (const place of PLACES) {
        const sql = `select count(*) as number from request where ${CONDITIONS[place]}`;
        counts[place] = db.get<{ number: number }>(sql)!.number;
      }
      const oldest = db.get<{ due: number | null }>(`select min(due_ms) as due from request where ${CONDITIONS.ready}`);
      return { ...counts, oldestReadyDueMs: oldest?.due ?? undefined };
    },

    listUnfinished(limit) {
      const ids = PLACES.flatMap((place) =>
        db.all<Pick<RequestRow, "id" | "accepted_ms">>(
          `select id, accepted_ms from request where ${CONDITIONS[place]} order by accepted_ms limit ?`,
          limit,
        ),
      )
        .sort((a, b) => a.accepted_ms - b.accepted_ms || a.id - b.id)
        .slice(0, limit)
        .map(({ id }) => id);
      return db
        .all<RequestRow>(
          "select * from request where id in (select value from json_each(?)) order by accepted_ms, id",
          JSON.stringify(ids),
        )
        .map((row) => toUnfinished(row, lastErrorOf(db, row.id)));
    },

    listFailed: (limit) =>
      db
        .all<RequestRow>(
          `select * from request where state = 'failed' and finished_ms is not null
           order by finished_ms desc, id desc limit ?`,
          limit,
        )
        .map((row) => toFailed(row, toError(row) ?? lastErrorOf(db, row.id))),
  };
}
