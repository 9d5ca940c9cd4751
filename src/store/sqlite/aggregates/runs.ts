import type { ErrorRecord } from "../../../domain/errors.ts";
import type { ClaimedRequest } from "../../../domain/request.ts";
import { type Candidate, choose, type Line, Room, UNREADABLE } from "../../claiming.ts";
import type { Attempt, Claim, ClaimOrder, OverdueRequest, RequestsStore } from "../../requests.ts";
import {
  type AttemptRow,
  type OutcomeRow,
  type RequestRow,
  toError,
  toRequest,
  withOutcomes,
} from "../../rows/request.ts";
import type { Connection, Synchronous } from "../connection.ts";
import { writeEntries } from "./message-log.ts";
import { BLOCKED, report, settle, unparkFirst } from "./settling.ts";

/** Requests whose time has come that one claim puts in line; bounds how long the write lock is held. */
const MOST_PROMOTED = 500;
/** Overdue requests that one claim tells of; the next claim tells of the rest. */
const MOST_OVERDUE = 200;
const PAGE = 256;
/** Pages that one claim looks at before it lets others write. */
const MOST_PAGES = 4;
/** Of a page, what each line gets at least, however many they are. */
const LEAST_SHARE = 4;

const STORE_NOTE = `insert into request_note (request_id, position, note)
  select id, ?, ? from request where id = ? and state = 'running' and attempt = ?
  on conflict (request_id, position) do update set note = excluded.note`;

/** Moves requests whose due time has come into line; gives how many. */
function promote(db: Connection): number {
  return db.run(
    `update request set lane = 'ready'
     where id in (select id from request where lane = 'later' and due_ms <= ? order by due_ms, id limit ?)`,
    ...[db.nowMs, MOST_PROMOTED],
  );
}

/** The lines in which something is next to be claimed, the one whose turn it is first, and the beginning of each. */
function readLines(db: Connection, room: Room): { lines: Line[]; share: number } {
  const keys = db
    .all<Omit<Line, "candidates">>(
      `select family, organisation from request_line where exists
         (select 1 from request where lane = 'ready' and family = request_line.family
            and organisation = request_line.organisation)
       order by turn, family, organisation`,
    )
    .filter(({ family }) => room.isFor(family));
  const share = Math.max(LEAST_SHARE, Math.ceil(PAGE / Math.max(1, keys.length)));
  const lines = keys.map(({ family, organisation }) => ({
    family,
    organisation,
    candidates: db.all<Candidate>(
      `select id, device, route_device, writes,
         exists (select 1 from request r where r.state = 'running' and r.route_device = request.route_device) as busy,
         ${BLOCKED} as blocked
       from request where lane = 'ready' and family = ? and organisation = ? order by priority desc, id limit ${share}`,
      ...[family, organisation],
    ),
  }));
  return { lines, share };
}

/** Sends lines to the end of the line of lines, in this order. */
function passTurns(db: Connection, lines: readonly Line[]): void {
  for (const { family, organisation } of lines) {
    db.run(
      `update request_line set turn = (select max(turn) from request_line) + 1 where family = ? and organisation = ?`,
      ...[family, organisation],
    );
  }
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
  const order = new Map(run.map(({ id }, place) => [id, place]));
  return rows.sort((a, b) => order.get(a.id)! - order.get(b.id)!);
}

/**
 * Walks the lines of waiting requests in turn, each in order of priority and age. Whatever stands behind a running
 * request of its device is parked, so that no later claim meets it again until that request ends: with 100,000 waiting
 * for few devices, a claim still touches only what it takes. So is what writes while it is another one's turn to write.
 * (Measured against: asking per row whether the device is busy, which rereads the whole line of a busy device on each
 * claim; one seek per device, which rereads every idle device.)
 */
function claimRows(
  db: Connection,
  order: ClaimOrder,
  passed: ReadonlySet<number>,
): { rows: RequestRow[]; more: boolean } {
  const promoted = promote(db);
  const rows: RequestRow[] = [];
  if (order.limit === 0) return { rows, more: false };
  const room = new Room(order);
  for (let page = 0; page < MOST_PAGES; page++) {
    const { lines, share } = readLines(db, room);
    const isLast = lines.every(({ candidates }) => candidates.length < share);
    const { run, behind: park, turns } = choose(lines, room, passed);
    if (park.length > 0) {
      db.run(
        "update request set lane = 'parked' where id in (select value from json_each(?))",
        JSON.stringify(park.map(({ id }) => id)),
      );
    }
    rows.push(...lease(db, order, run));
    if (lines.length > 1) passTurns(db, turns);
    // Behind one that waits for its turn to write, others may read.
    const running = new Set(run.map((candidate) => candidate.route_device));
    const idle = park.filter(({ busy, route_device }) => !busy && !running.has(route_device));
    for (const route of new Set(idle.map((candidate) => candidate.route_device))) unparkFirst(db, route);
    if (lines.some(({ family }) => !room.isFor(family))) return { rows, more: true };
    if (isLast && idle.length === 0) return { rows, more: promoted === MOST_PROMOTED };
  }
  return { rows, more: true };
}

/** Claims, and ends at once what was claimed and cannot be read: it must not come back to whoever claims next. */
function claim(db: Connection, order: ClaimOrder): Claim {
  const overdue = findOverdue(db);
  const passed = new Set(overdue.map(({ fence }) => fence.id));
  const { rows, more } = claimRows(db, order, passed);
  const requests: Claim["requests"][number][] = [];
  const unreadable: Claim["unreadable"][number][] = [];
  for (const { row, request } of readOutcomes(db, rows)) {
    if (request) {
      requests.push(request);
      continue;
    }
    unreadable.push({ correlationUid: row.correlation_uid, device: row.device });
    const { id, attempt } = row;
    settle(db, { id, state: "running", attempt }, { to: "failed", error: UNREADABLE, attemptError: UNREADABLE });
  }
  const isMore = more || unreadable.length > 0 || overdue.length > 0;
  return { requests, unreadable, overdue, more: isMore, untilNextEventMs: untilNextEventMs(db) };
}

function findOverdue(db: Connection): OverdueRequest[] {
  const rows = db.all<RequestRow>(
    `select * from request where state = 'waiting' and max_schedule_time_ms is not null and max_schedule_time_ms < ?
     order by max_schedule_time_ms limit ?`,
    ...[db.nowMs, MOST_OVERDUE],
  );
  return readOutcomes(db, rows).map(({ row, request }) => ({
    fence: { id: row.id, state: "waiting", attempt: row.attempt },
    request,
    lastError: lastErrorOf(db, row.id),
  }));
}

function untilNextEventMs(db: Connection): number | undefined {
  const row = db.get<Record<"due" | "overdue", number | null>>(`select
    (select min(due_ms) from request where lane = 'later') as due,
    (select min(max_schedule_time_ms) from request
     where state = 'waiting' and max_schedule_time_ms is not null) as overdue`)!;
  // What ends at a time is over a millisecond later.
  const times = [row.due, row.overdue === null ? null : row.overdue + 1].filter((time) => time !== null);
  return times.length > 0 ? Math.max(0, Math.min(...times) - db.nowMs) : undefined;
}

function findRunning(db: Connection, { id, attempt }: Attempt): ClaimedRequest | undefined {
  const row = db.get<RequestRow>(
    "select * from request where id = ? and attempt = ? and state = 'running'",
    ...[id, attempt],
  );
  return row && toRequest(row, db.all<OutcomeRow>("select * from request_action where request_id = ?", id));
}

/** Rows with what is stored for them. */
function readOutcomes(db: Connection, rows: readonly RequestRow[]): ReturnType<typeof withOutcomes> {
  if (rows.length === 0) return [];
  const sql = "select * from request_action where request_id in (select value from json_each(?))";
  return withOutcomes(rows, db.all<OutcomeRow>(sql, JSON.stringify(rows.map(({ id }) => id))));
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
  | "note"
  | "noted"
  | "reschedule"
  | "settle"
  | "extendLease"
  | "leases"
  | "findRunning"
  | "countReady"
  | "countWaiting"
> {
  return {
    claim: (order) => claim(db, order),
    reschedule: ({ id, attempt }, dueMs) =>
      db.run(
        "update request set due_ms = ? where id = ? and attempt = ? and state = 'waiting' and lane = 'later'",
        ...[dueMs, id, attempt],
      ) > 0,
    report: (attempt, outcomes) => report(db, attempt, outcomes),
    note: ({ id, attempt }, position, note) => db.run(STORE_NOTE, position, JSON.stringify(note), id, attempt) > 0,
    noted(id, position) {
      const row = db.get<{ note: string }>(
        "select note from request_note where request_id = ? and position = ?",
        ...[id, position],
      );
      return row && (JSON.parse(row.note) as object);
    },

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

    countReady: (family, most) =>
      db.get<{ ready: number }>(
        "select count(*) as ready from (select 1 from request where lane = 'ready' and family = ? limit ?)",
        ...[family, most],
      )!.ready,

    countWaiting: (organisation, most) =>
      db.get<{ waiting: number }>(
        `select count(*) as waiting from (
           select 1 from request where lane = 'ready' and organisation = ?1 union all
           select 1 from request where lane = 'parked' and organisation = ?1 union all
           select 1 from request where lane = 'later' and organisation = ?1 limit ?2)`,
        ...[organisation, most],
      )!.waiting,
  };
}
