import type { FailedRequest, Place, RequestsStore, UnfinishedRequest } from "../../requests.ts";
import type { Connection, Synchronous } from "../connection.ts";
import { type RequestRow, toError } from "./request-row.ts";
import { lastErrorOf } from "./runs.ts";

/** Each condition is that of an index which holds no other rows, so that finished requests cost nothing. */
const CONDITIONS: Record<Place, string> = {
  later: "lane = 'later'",
  ready: "lane = 'ready'",
  parked: "lane = 'parked'",
  running: "state = 'running'",
};

const PLACES = Object.keys(CONDITIONS) as Place[];

function toUnfinished(db: Connection, row: RequestRow): UnfinishedRequest {
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
    lastError: lastErrorOf(db, row.id),
  };
}

function toFailed(db: Connection, row: RequestRow): FailedRequest {
  return {
    correlationUid: row.correlation_uid,
    organisation: row.organisation,
    operation: row.operation,
    device: row.device,
    attempt: row.attempt,
    finishedMs: row.finished_ms ?? 0,
    error: toError(row) ?? lastErrorOf(db, row.id),
  };
}

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
        .map((row) => toUnfinished(db, row));
    },

    listFailed: (limit) =>
      db
        .all<RequestRow>(
          `select * from request where state = 'failed' and finished_ms is not null
           order by finished_ms desc, id desc limit ?`,
          limit,
        )
        .map((row) => toFailed(db, row)),
  };
}
