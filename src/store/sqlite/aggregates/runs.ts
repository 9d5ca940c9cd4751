import type { ErrorRecord } from "../../../domain/errors.ts";
import { type ActionOutcome, BUNDLE, type ClaimedRequest } from "../../../domain/request.ts";
import type { Attempt, Claim, ClaimOrder, Fence, OverdueRequest, RequestsStore, Settlement } from "../../requests.ts";
import type { Connection, SqlValue, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";
import { notifyCaller } from "./notifications.ts";
import { type AttemptRow, type OutcomeRow, type RequestRow, toError, toRequest, withOutcomes } from "./request-row.ts";

/** Requests whose time has come that one claim puts in line; bounds how long the write lock is held. */
const MOST_PROMOTED = 500;
const PAGE = 256;
/** Pages that one claim looks at before it lets others write. */
const MOST_PAGES = 4;

/** Columns that say who runs a request, as they are when nobody does. */
const RELEASED = "worker = null, claimed_ms = null, lease_until_ms = null";
const FENCED = "where id = ? and state = ? and attempt = ?";
const MOVED = "correlation_uid, organisation, application, operation, device, route_device, response_url";
const FINISH = `update request set state = ?, lane = null, ${RELEASED}, finished_ms = ?, error_code = ?, error_message = ?
  ${FENCED} returning ${MOVED}`;
const PUT_BACK = `update request set state = 'waiting', lane = ?, ${RELEASED}, due_ms = ?, priority = ?, retries = ?
  ${FENCED} returning ${MOVED}`;
const REMEMBER_ATTEMPT = `insert into request_attempt
    (request_id, attempt, worker, claimed_ms, ended_ms, ending, error_code, error_message)
  select id, attempt, worker, claimed_ms, ?, ?, ?, ? from request ${FENCED}`;
const STORE_OUTCOME = `insert into request_action (request_id, position, outcome, attempt)
  select id, ?, ?, attempt from request where id = ? and state = ? and attempt = ?
  on conflict (request_id, position) do update set outcome = excluded.outcome, attempt = excluded.attempt`;

const UNREADABLE: ErrorRecord = { code: "INTERNAL", message: "The stored request cannot be read." };

type Ended = Exclude<Settlement, { readonly to: "waiting" }>;

interface Candidate {
  readonly id: number;
  readonly device: string;
  readonly route_device: string;
  readonly writes: number;
  /** Another request of the device to connect to is running. */
  readonly busy: number;
  /** It writes, and it is another one's turn to write to one of its devices. */
  readonly blocked: number;
}

const BLOCKED = `(writes = 1 and exists (select 1 from write_turn
  where write_turn.device in (request.device, request.route_device) and write_turn.request_id <> request.id))`;

/** Moves requests whose due time has come into line; gives how many. */
function promote(db: Connection): number {
  return db.run(
    `update request set lane = 'ready'
     where id in (select id from request where lane = 'later' and due_ms <= ? order by due_ms, id limit ?)`,
    ...[db.nowMs, MOST_PROMOTED],
  );
}

/** Splits candidates into those that may run, at most `limit`, and those that stand behind one of their devices. */
function choose(candidates: readonly Candidate[], limit: number): { run: Candidate[]; park: Candidate[] } {
  const [run, park]: [Candidate[], Candidate[]] = [[], []];
  const taken = new Set<string>();
  const turns = new Set<string>();
  for (const candidate of candidates) {
    if (run.length === limit) break;
    const { device, route_device: route, writes, busy, blocked } = candidate;
    if (busy || blocked || taken.has(route) || (writes && (turns.has(device) || turns.has(route)))) {
      park.push(candidate);
      continue;
    }
    taken.add(route);
    if (writes) turns.add(device).add(route);
    run.push(candidate);
  }
  return { run, park };
}

/** Puts the first request that was parked behind a device to connect to, and may write if it does, back in line. */
function unparkFirst(db: Connection, routeDevice: string): void {
  db.run(
    `update request set lane = 'ready' where id =
       (select id from request where lane = 'parked' and route_device = ? and not ${BLOCKED}
        order by priority desc, id limit 1)`,
    routeDevice,
  );
}

/** Puts those back in line that may run now that something of these devices has ended or was put back. */
function unpark(db: Connection, { device, route_device: routeDevice }: Pick<RequestRow, "device" | "route_device">) {
  unparkFirst(db, routeDevice);
  if (device === routeDevice) return;
  // Those that write to the M-Bus device through another meter, which it was behind before or is now.
  db.run(
    `update request set lane = 'ready'
     where lane = 'parked' and device <> route_device and device = ? and route_device <> ? and writes = 1
       and not ${BLOCKED}`,
    ...[device, routeDevice],
  );
}

/** Leases what was chosen, and gives what writes its turn. */
function lease(db: Connection, { worker, leaseMs }: ClaimOrder, run: readonly Candidate[]): RequestRow[] {
  if (run.length === 0) return [];
  const rows = db.all<RequestRow>(
    `update request set state = 'running', lane = null, attempt = attempt + 1,
       worker = ?, claimed_ms = ?, lease_until_ms = ?
     where id in (select value from json_each(?)) returning *`,
    ...[worker, db.nowMs, db.steadyMs + leaseMs, JSON.stringify(run.map(({ id }) => id))],
  );
  const writing = JSON.stringify(run.flatMap(({ id, writes }) => (writes ? [id] : [])));
  for (const behind of writing === "[]" ? [] : ["device", "route_device"]) {
    db.run(
      `insert into write_turn (device, request_id)
       select ${behind}, id from request where id in (select value from json_each(?)) on conflict do nothing`,
      writing,
    );
  }
  return rows.sort((a, b) => b.priority - a.priority || a.id - b.id);
}

/**
 * Walks the waiting requests in order of priority and age. Whatever stands behind a running request of its device is
 * parked, so that no later claim meets it again until that request ends: with 100,000 waiting for few devices, a
 * claim still touches only what it takes. So is what writes while it is another one's turn to write. (Measured against: asking per row whether the device is busy, which rereads
 * the whole line of a busy device on each claim; one seek per device, which rereads every idle device.)
 */
function claimRows(db: Connection, order: ClaimOrder): { rows: RequestRow[]; more: boolean } {
  const { limit } = order;
  const promoted = promote(db);
  const rows: RequestRow[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const candidates = db.all<Candidate>(
      `select id, device, route_device, writes,
         exists (select 1 from request r where r.state = 'running' and r.route_device = request.route_device) as busy,
         ${BLOCKED} as blocked
       from request where lane = 'ready' order by priority desc, id limit ${PAGE}`,
    );
    const { run, park } = choose(candidates, limit - rows.length);
    if (park.length > 0) {
      db.run(
        "update request set lane = 'parked' where id in (select value from json_each(?))",
        JSON.stringify(park.map(({ id }) => id)),
      );
    }
    rows.push(...lease(db, order, run));
    // Behind one that waits for its turn to write, others may read.
    const running = new Set(run.map((candidate) => candidate.route_device));
    const idle = park.filter(({ busy, route_device }) => !busy && !running.has(route_device));
    for (const route of new Set(idle.map((candidate) => candidate.route_device))) unparkFirst(db, route);
    if (rows.length === limit) return { rows, more: true };
    if (candidates.length < PAGE && idle.length === 0) return { rows, more: promoted === MOST_PROMOTED };
  }
  return { rows, more: true };
}

/** Claims, and ends at once what was claimed and cannot be read: it must not come back to whoever claims next. */
function claim(db: Connection, order: ClaimOrder): Claim {
  const { rows, more } = claimRows(db, order);
  const requests: Claim["requests"][number][] = [];
  const unreadable: Claim["unreadable"][number][] = [];
  for (const { row, request } of withOutcomes(db, rows)) {
    if (request) {
      requests.push(request);
      continue;
    }
    unreadable.push({ correlationUid: row.correlation_uid, device: row.device });
    const { id, attempt } = row;
    settle(db, { id, state: "running", attempt }, { to: "failed", error: UNREADABLE, attemptError: UNREADABLE });
  }
  return { requests, unreadable, more: more || unreadable.length > 0 };
}

function storeOutcome(
  db: Connection,
  { id, attempt }: Attempt,
  state: string,
  position: number,
  outcome: ActionOutcome,
): boolean {
  return db.run(STORE_OUTCOME, position, JSON.stringify(outcome), id, state, attempt) > 0;
}

/** The statement that moves a request on, and what it binds before the fence. */
function moveOf(settlement: Settlement, nowMs: number): readonly [sql: string, values: SqlValue[]] {
  if (settlement.to === "waiting") {
    const { dueMs, priority, retries } = settlement;
    return [PUT_BACK, [dueMs <= nowMs ? "ready" : "later", dueMs, priority, retries]];
  }
  const { code = null, message = null } = (settlement.to === "failed" ? settlement.error : undefined) ?? {};
  return [FINISH, [settlement.to, nowMs, code, message]];
}

type MovedRow = Pick<
  RequestRow,
  "correlation_uid" | "organisation" | "application" | "operation" | "device" | "route_device" | "response_url"
>;

/** Whoever asked is to hear that there is something to fetch: a bundle has its response also when an action failed. */
function notifyOfEnd(db: Connection, row: MovedRow, settlement: Ended): void {
  const { correlation_uid: correlationUid, organisation, application, operation: about, device } = row;
  const error = settlement.to === "failed" ? settlement.error : undefined;
  const isAnswered = settlement.to === "succeeded" || (about === BUNDLE && !error);
  const message = isAnswered ? undefined : (settlement.attemptError ?? error)?.message;
  const result = isAnswered ? "OK" : "NOT OK";
  const news = { correlationUid, organisation, device, about, result, message } as const;
  notifyCaller(db, news, application, row.response_url);
}

function settle(db: Connection, fence: Fence, settlement: Settlement): boolean {
  const { id, state, attempt } = fence;
  const fenced: SqlValue[] = [id, state, attempt];
  if (state === "running") {
    const ending = settlement.to === "waiting" ? settlement.ending : settlement.to;
    const { code = null, message = null } = settlement.attemptError ?? {};
    if (db.run(REMEMBER_ATTEMPT, db.nowMs, ending, code, message, ...fenced) === 0) return false;
  }
  const [sql, values] = moveOf(settlement, db.nowMs);
  const moved = db.get<MovedRow>(sql, ...values, ...fenced);
  if (!moved) return false;
  for (const [position, outcome] of (settlement.outcomes ?? []).entries()) {
    if (outcome !== null) storeOutcome(db, fence, settlement.to, position, outcome);
  }
  if (settlement.to !== "waiting") {
    // It is others' turn to write to its devices.
    db.run("delete from write_turn where request_id = ?", id);
    notifyOfEnd(db, moved, settlement);
  } else if (settlement.forget?.length) {
    db.run(
      "delete from request_action where request_id = ? and position in (select value from json_each(?))",
      ...[id, JSON.stringify(settlement.forget)],
    );
  }
  unpark(db, moved);
  return true;
}

function findOverdue(db: Connection, limit: number): OverdueRequest[] {
  const rows = db.all<RequestRow>(
    `select * from request where state = 'waiting' and max_schedule_time_ms is not null and max_schedule_time_ms < ?
     order by max_schedule_time_ms limit ?`,
    ...[db.nowMs, limit],
  );
  return withOutcomes(db, rows).map(({ row, request }) => ({
    fence: { id: row.id, state: "waiting", attempt: row.attempt },
    request,
    lastError: lastErrorOf(db, row.id),
  }));
}

function findRunning(db: Connection, { id, attempt }: Attempt): ClaimedRequest | undefined {
  const row = db.get<RequestRow>(
    "select * from request where id = ? and attempt = ? and state = 'running'",
    ...[id, attempt],
  );
  return row && toRequest(row, db.all<OutcomeRow>("select * from request_action where request_id = ?", id));
}

/** What the latest attempt of a request failed with. */
export function lastErrorOf(db: Connection, requestId: number): ErrorRecord | undefined {
  const latest = db.get<AttemptRow>(
    "select * from request_attempt where request_id = ? order by attempt desc limit 1",
    requestId,
  );
  return latest && toError(latest);
}

/** How requests run: claims, what their actions end with, and how they leave the state they are in. */
export function runs(
  db: Connection,
): Pick<
  Synchronous<RequestsStore>,
  | "claim"
  | "report"
  | "reschedule"
  | "settle"
  | "extendLease"
  | "leases"
  | "findRunning"
  | "findOverdue"
  | "countReady"
  | "untilNextEventMs"
> {
  return {
    claim: (order) => claim(db, order),
    reschedule: ({ id, attempt }, dueMs) =>
      db.run(
        "update request set due_ms = ? where id = ? and attempt = ? and state = 'waiting' and lane = 'later'",
        ...[dueMs, id, attempt],
      ) > 0,
    report: (attempt, position, outcome) => storeOutcome(db, attempt, "running", position, outcome),

    settle(fence, settlement, entries = []) {
      const moved = settle(db, fence, settlement);
      if (moved) writeEntries(db, entries);
      return moved;
    },

    extendLease: ({ id, attempt }, leaseMs) =>
      db.run(
        `update request set lease_until_ms = max(lease_until_ms + 1, ?)
         where id = ? and state = 'running' and attempt = ?`,
        ...[db.steadyMs + leaseMs, id, attempt],
      ) > 0,

    leases: () =>
      db
        .all<RequestRow>("select id, attempt, worker, lease_until_ms from request where state = 'running'")
        .map(({ id, attempt, worker, lease_until_ms: leaseUntilMs }) => ({
          ...{ id, attempt },
          worker: worker ?? "",
          leaseUntilMs: leaseUntilMs ?? 0,
        })),

    findRunning: (attempt) => findRunning(db, attempt),

    countReady: (most) =>
      db.get<{ ready: number }>(
        "select count(*) as ready from (select 1 from request where lane = 'ready' limit ?)",
        most,
      )!.ready,

    findOverdue: (limit) => findOverdue(db, limit),

    untilNextEventMs() {
      const row = db.get<Record<"due" | "overdue", number | null>>(`select
        (select min(due_ms) from request where lane = 'later') as due,
        (select min(max_schedule_time_ms) from request
         where state = 'waiting' and max_schedule_time_ms is not null) as overdue`)!;
      // What ends at a time is over a millisecond later.
      const times = [row.due, row.overdue === null ? null : row.overdue + 1].filter((time) => time !== null);
      return times.length > 0 ? Math.max(0, Math.min(...times) - db.nowMs) : undefined;
    },
  };
}
