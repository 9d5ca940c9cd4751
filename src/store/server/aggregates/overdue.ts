import type { OverdueRequest } from "../../requests.ts";
import type { RequestRow } from "../../rows/request.ts";
import { AT_MOST, type Session } from "../session.ts";
import { lastErrorOf, readOutcomes } from "./outcomes.ts";

/** Waiting requests whose MaxScheduleTime has passed, some at a time. */
export async function findOverdue(db: Session, limit: number): Promise<OverdueRequest[]> {
  const rows = await db.all<RequestRow>(
    `select * from request where state = 'waiting' and max_schedule_time_ms is not null and max_schedule_time_ms < ?
     order by max_schedule_time_ms, id ${AT_MOST}`,
    ...[(await db.time()).nowMs, limit],
  );
  const overdue: OverdueRequest[] = [];
  for (const { row, request } of await readOutcomes(db, rows)) {
    const fence = { id: row.id, state: "waiting", attempt: row.attempt } as const;
    overdue.push({ fence, request, lastError: await lastErrorOf(db, row.id) });
  }
  return overdue;
}

/** Milliseconds until something happens by the passing of time alone; undefined when nothing will. */
export async function untilNextEventMs(db: Session): Promise<number | undefined> {
  const row = (await db.get<Record<"due" | "overdue", number | null>>(`select
    (select min(due_ms) from request where lane = 'later') as due,
    (select min(max_schedule_time_ms) from request
     where state = 'waiting' and max_schedule_time_ms is not null) as overdue`))!;
  // What ends at a time is over a millisecond later.
  const times = [row.due, row.overdue === null ? null : row.overdue + 1].filter((time) => time !== null);
  return times.length > 0 ? Math.max(0, Math.min(...times) - (await db.time()).nowMs) : undefined;
}
