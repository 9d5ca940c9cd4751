import type { Place, RequestsStore } from "../../requests.ts";
import { CONDITIONS, PLACES, toFailed, toUnfinished } from "../../rows/overview.ts";
import { type RequestRow, toError } from "../../rows/request.ts";
import { AT_MOST, type Session } from "../session.ts";
import { lastErrorOf } from "./outcomes.ts";

/** What each row becomes, one after the other: they are on one connection. */
async function each<Row, T>(rows: readonly Row[], convert: (row: Row) => Promise<T>): Promise<T[]> {
  const converted: T[] = [];
  for (const row of rows) converted.push(await convert(row));
  return converted;
}

/** What operators look at. */
export function overview(db: Session): Pick<RequestsStore, "countUnfinished" | "listUnfinished" | "listFailed"> {
  return {
    async countUnfinished() {
      const counts: Record<Place, number> = { later: 0, ready: 0, parked: 0, running: 0 };
      for (const place of PLACES) {
        const sql = `select count(*) as number from request where ${CONDITIONS[place]}`;
        counts[place] = (await db.get<{ number: number }>(sql))!.number;
      }
      const sql = `select min(due_ms) as due from request where ${CONDITIONS.ready}`;
      const oldest = await db.get<{ due: number | null }>(sql);
      return { ...counts, oldestReadyDueMs: oldest?.due ?? undefined };
    },

    async listUnfinished(limit) {
      const some: RequestRow[] = [];
      for (const place of PLACES) {
        const sql = `select * from request where ${CONDITIONS[place]} order by accepted_ms, id ${AT_MOST}`;
        some.push(...(await db.all<RequestRow>(sql, limit)));
      }
      some.sort((a, b) => a.accepted_ms - b.accepted_ms || a.id - b.id);
      return each(some.slice(0, limit), async (row) => toUnfinished(row, await lastErrorOf(db, row.id)));
    },

    async listFailed(limit) {
      const rows = await db.all<RequestRow>(
        `select * from request where state = 'failed' and finished_ms is not null
         order by finished_ms desc, id desc ${AT_MOST}`,
        limit,
      );
      return each(rows, async (row) => toFailed(row, toError(row) ?? (await lastErrorOf(db, row.id))));
    },
  };
}
