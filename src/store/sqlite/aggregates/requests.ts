import type { ActionOutcome } from "../../../domain/request.ts";
import type {
  Acceptance,
  AcceptResult,
  NewRequest,
  RequestSummary,
  RequestsStore,
  StoredRequest,
} from "../../requests.ts";
import { type AttemptRow, type OutcomeRow, type RequestRow, toError, toRequest } from "../../rows/request.ts";
import type { Connection, SqlValue, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";
import { overview } from "./overview.ts";
import { runs } from "./runs.ts";

const COLUMNS = [
  ...["correlation_uid", "organisation", "user_name", "application", "operation", "device", "route_device", "family"],
  ...[
    "writes",
    "actions",
    "action_count",
    "priority",
    "max_schedule_time_ms",
    "bypass_retry",
    "response_url",
    "accepted_ms",
  ],
  ...["state", "lane", "due_ms"],
];

function toValues({ caller, scheduling, acceptedMs, ...request }: NewRequest): SqlValue[] {
  const dueMs = Math.max(acceptedMs, scheduling.scheduleTimeMs ?? acceptedMs);
  return [
    ...[request.correlationUid, caller.organisation, caller.userName, caller.applicationName],
    ...[request.operation, request.device, request.routeDevice, request.family, request.writes ? 1 : 0],
    ...[JSON.stringify(request.actions), request.actions.length],
    ...[scheduling.priority, scheduling.maxScheduleTimeMs ?? null, scheduling.bypassRetry ? 1 : 0],
    ...[scheduling.responseUrl ?? null, acceptedMs, "waiting", dueMs <= acceptedMs ? "ready" : "later", dueMs],
  ];
}

function insertRequests(db: Connection, requests: readonly NewRequest[]): void {
  db.insert("request", COLUMNS, requests.map(toValues));
  const lines = new Map(requests.map(({ family, caller }) => [`${family} ${caller.organisation}`, { family, caller }]));
  for (const { family, caller } of lines.values()) {
    const sql = "insert into request_line (family, organisation) values (?, ?) on conflict do nothing";
    db.run(sql, family, caller.organisation);
  }
  for (const { correlationUid, outcomes = [] } of requests) {
    if (outcomes.some((outcome) => outcome !== null)) insertOutcomes(db, correlationUid, outcomes);
  }
}

function insertOutcomes(db: Connection, correlationUid: string, outcomes: readonly (ActionOutcome | null)[]): void {
  const { id } = db.get<RequestRow>("select id from request where correlation_uid = ?", correlationUid)!;
  const rows = [...outcomes.entries()]
    .filter(([, outcome]) => outcome !== null)
    .map(([position, outcome]) => [id, position, JSON.stringify(outcome), 0]);
  db.insert("request_action", ["request_id", "position", "outcome", "attempt"], rows);
}

function accept(db: Connection, { request, message, entries }: Acceptance): AcceptResult {
  const { correlationUid, caller, acceptedMs } = request;
  if (message) {
    const earlier = db.get<{ body_sha256: string; correlation_uid: string }>(
      "select body_sha256, correlation_uid from request_message_id where organisation = ? and message_id = ?",
      ...[caller.organisation, message.id],
    );
    if (earlier && earlier.body_sha256 !== message.bodySha256) return { kind: "conflict" };
    if (earlier) return { kind: "repeated", correlationUid: earlier.correlation_uid };
    db.run(
      `insert into request_message_id (organisation, message_id, body_sha256, correlation_uid, accepted_ms)
       values (?, ?, ?, ?, ?)`,
      ...[caller.organisation, message.id, message.bodySha256, correlationUid, acceptedMs],
    );
  }
  db.later(insertRequests, [request]);
  writeEntries(db, entries);
  return { kind: "accepted" };
}

/** Outcomes in one piece of them: a hundred kilobytes each are no rarity. */
const OUTCOMES_AT_A_TIME = 16;

function find(db: Connection, correlationUid: string): StoredRequest | undefined {
  const row = db.get<RequestRow>("select * from request where correlation_uid = ?", correlationUid);
  return row && toStored(row, db.all<OutcomeRow>("select * from request_action where request_id = ?", row.id));
}

function summary(db: Connection, correlationUid: string): RequestSummary | undefined {
  const row = db.get<RequestRow>("select * from request where correlation_uid = ?", correlationUid);
  if (!row) return undefined;
  const { outcomes: _, ...request } = toStored(row, []);
  return request;
}

function toStored(row: RequestRow, outcomes: readonly OutcomeRow[]): StoredRequest {
  const error = toError(row);
  // What failed as a whole has nothing else to tell: its actions may be what could not be read.
  const readable = error ? { ...row, actions: "[]", action_count: 0 } : row;
  return {
    ...toRequest(readable, error ? [] : outcomes),
    state: row.state,
    dueMs: row.due_ms,
    acceptedMs: row.accepted_ms,
    finishedMs: row.finished_ms ?? undefined,
    error,
  };
}

function purge(db: Connection, beforeMs: number, limit: number): { requests: number; more: boolean } {
  const requests = db.run(
    "delete from request where id in (select id from request where finished_ms < ? limit ?)",
    ...[beforeMs, limit],
  );
  // A message id lives at least as long as its request: sent again, the message must not become a second one.
  const ids = db.all<{ organisation: string; message_id: string }>(
    `select organisation, message_id from request_message_id where accepted_ms < ?
       and not exists (select 1 from request where request.correlation_uid = request_message_id.correlation_uid)
     limit ?`,
    ...[beforeMs, limit],
  );
  for (const { organisation, message_id } of ids) {
    db.run("delete from request_message_id where organisation = ? and message_id = ?", organisation, message_id);
  }
  return { requests, more: requests === limit || ids.length === limit };
}

export function requests(db: Connection): Synchronous<RequestsStore> {
  return {
    ...runs(db),
    ...overview(db),
    accept: (acceptance) => accept(db, acceptance),
    find: (correlationUid) => find(db, correlationUid),
    summary: (correlationUid) => summary(db, correlationUid),
    outcomes: (id, fromPosition) =>
      db
        .all<OutcomeRow>(
          "select * from request_action where request_id = ? and position >= ? order by position limit ?",
          ...[id, fromPosition, OUTCOMES_AT_A_TIME],
        )
        .map(({ position, outcome }) => ({ position, outcome: JSON.parse(outcome) as ActionOutcome })),

    attempts: (id) =>
      db.all<AttemptRow>("select * from request_attempt where request_id = ? order by attempt", id).map((row) => ({
        attempt: row.attempt,
        worker: row.worker,
        claimedMs: row.claimed_ms,
        endedMs: row.ended_ms,
        ending: row.ending,
        error: toError(row),
      })),

    deleteFinished(id, entries) {
      if (db.run("delete from request where id = ? and finished_ms is not null", id) === 0) return false;
      writeEntries(db, entries);
      return true;
    },

    purge: (beforeMs, limit) => purge(db, beforeMs, limit),
  };
}
