import type { FailedRequest, Place, RequestsStore, UnfinishedRequest } from "../../requests.ts";
import { AT_MOST, type Session } from "../session.ts";
import { lastErrorOf, type RequestRow, toError } from "./request-row.ts";

/** Each condition is that of an index which holds no other rows, so that finished requests cost nothing. */
const CONDITIONS: Record<Place, string> = {
  later: "lane = 'later'",
  ready: "lane = 'ready'",
  parked: "lane = 'parked'",
  running: "state = 'running'",
};

const PLACES = Object.keys(CONDITIONS) as Place[];

async function toUnfinished(db: Session, row: RequestRow): Promise<UnfinishedRequest> {
  return {
    correlationUid: row.correlation_uid,
    organisation: row.organisation,
    operation: row.operation,
    device: row.device,
    routeDevice: row.route_device,
    place: row.lane ?? "running",
    priority: row.priority,
    acceptedMs: row.accepted_ms,
    dueMs: row.due_ms,
    attempt: row.attempt,
    retries: row.retries,
    worker: row.worker ?? undefined,
    claimedMs: row.claimed_ms ?? undefined,
    leaseUntilMs: row.lease_until_ms ?? undefined,
    lastError: await lastErrorOf(db, row.id),
  };
}

async function toFailed(db: Session, row: RequestRow): Promise<FailedRequest> {
  return {
    correlationUid: row.correlation_uid,
    organisation: row.organisation,
    operation: row.operation,
    device: row.device,
    attempt: row.attempt,
    finishedMs: row.finished_ms ?? 0,
    error: toError(row) ?? (await lastErrorOf(db, row.id)),
  };
}

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
      return each(some.slice(0, limit), (row) => toUnfinished(db, row));
    },

    async listFailed(limit) {
      const rows = await db.all<RequestRow>(
        `select * from request where state = 'failed' and finished_ms is not null
         order by finished_ms desc, id desc ${AT_MOST}`,
        limit,
      );
      return each(rows, (row) => toFailed(db, row));
    },
  };
}
