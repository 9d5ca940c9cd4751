import { type ActionOutcome, BUNDLE } from "../../../domain/request.ts";
import type { Attempt, Fence, PlacedOutcome, Settlement } from "../../requests.ts";
import type { RequestRow } from "../../rows/request.ts";
import type { Connection, SqlValue } from "../connection.ts";
import { notifyCaller } from "./notifications.ts";

/** Columns that say who runs a request, as they are when nobody does. */
const RELEASED = "worker = null, claimed_ms = null, lease_until_ms = null";
const FINISH = `update request set state = ?, lane = null, ${RELEASED}, finished_ms = ?, error_code = ?, error_message = ?
  where id = ?`;
const PUT_BACK = `update request set state = 'waiting', lane = ?, ${RELEASED}, due_ms = ?, priority = ?, retries = ?
  where id = ?`;
/** All that the end of a run has to know of its request, at once: each statement is a call into the driver. */
const FIND_FENCED = `select correlation_uid, organisation, application, operation, device, route_device, writes,
    worker, claimed_ms, response_url, coalesce(response_url, (select url from notification_address
      where notification_address.organisation = request.organisation
        and notification_address.application = request.application)) as notify_url,
    exists (select 1 from request behind where behind.lane = 'parked'
      and behind.route_device = request.route_device) as has_behind
  from request where id = ? and state = ? and attempt = ?`;

type Ended = Exclude<Settlement, { readonly to: "waiting" }>;

interface FencedRow
  extends Pick<
    RequestRow,
    | "correlation_uid"
    | "organisation"
    | "application"
    | "operation"
    | "device"
    | "route_device"
    | "worker"
    | "claimed_ms"
    | "response_url"
  > {
  readonly writes: number;
  readonly notify_url: string | null;
  /** Others are parked behind the device to connect to. */
  readonly has_behind: number;
}

/** It writes, and it is another one's turn to write to one of its devices. */
export const BLOCKED = `(writes = 1 and exists (select 1 from write_turn
  where write_turn.device in (request.device, request.route_device) and write_turn.request_id <> request.id))`;

/**
 * Puts the first request of each organisation that was parked behind a device to connect to, and may write if it does,
 * back in line: whose turn it is is told there.
 */
export function unparkFirst(db: Connection, routeDevice: string): void {
  db.run(
    `with recursive parked (organisation) as (
       select min(organisation) from request where lane = 'parked' and route_device = ?1
       union all
       select (select min(organisation) from request
               where lane = 'parked' and route_device = ?1 and organisation > parked.organisation)
       from parked where parked.organisation is not null)
     update request set lane = 'ready' where id in
       (select (select id from request where lane = 'parked' and route_device = ?1
                  and organisation = parked.organisation and not ${BLOCKED}
                order by priority desc, id limit 1)
        from parked where parked.organisation is not null)`,
    routeDevice,
  );
}

/** Puts those back in line that may run now that something of these devices has ended or was put back. */
function unpark(db: Connection, { device, route_device: routeDevice, has_behind }: FencedRow) {
  if (has_behind) unparkFirst(db, routeDevice);
  if (device === routeDevice) return;
  // Those that write to the M-Bus device through another meter, which it was behind before or is now.
  db.run(
    `update request set lane = 'ready'
     where lane = 'parked' and device <> route_device and device = ? and route_device <> ? and writes = 1
       and not ${BLOCKED}`,
    ...[device, routeDevice],
  );
}

type OutcomeValues = readonly [id: number, position: number, outcome: string, attempt: number];

function insertOutcomes(db: Connection, rows: readonly OutcomeValues[]): void {
  const replace =
    "on conflict (request_id, position) do update set outcome = excluded.outcome, attempt = excluded.attempt";
  db.insert("request_action", ["request_id", "position", "outcome", "attempt"], rows, replace);
}

function toOutcomeValues({ id, attempt }: Attempt, { position, outcome }: PlacedOutcome): OutcomeValues {
  return [id, position, JSON.stringify(outcome), attempt];
}

/** Stores what actions of a running request ended with. */
export function report(db: Connection, attempt: Attempt, outcomes: readonly PlacedOutcome[]): boolean {
  const sql = "select 1 from request where id = ? and state = 'running' and attempt = ?";
  if (!db.get(sql, attempt.id, attempt.attempt)) return false;
  db.later(
    insertOutcomes,
    outcomes.map((each) => toOutcomeValues(attempt, each)),
  );
  return true;
}

const ATTEMPT_COLUMNS = [
  ...["request_id", "attempt", "worker", "claimed_ms", "ended_ms", "ending", "error_code", "error_message"],
];

function insertAttempts(db: Connection, rows: readonly SqlValue[][]): void {
  db.insert("request_attempt", ATTEMPT_COLUMNS, rows);
}

function rememberAttempt(db: Connection, { id, attempt }: Attempt, row: FencedRow, settlement: Settlement): void {
  const ending = settlement.to === "waiting" ? settlement.ending : settlement.to;
  const { code = null, message = null } = settlement.attemptError ?? {};
  db.later(insertAttempts, [[id, attempt, row.worker, row.claimed_ms, db.nowMs, ending, code, message]]);
}

/** The statement that moves a request on, and what it binds before the id. */
function moveOf(settlement: Settlement, nowMs: number): readonly [sql: string, values: SqlValue[]] {
  if (settlement.to === "waiting") {
    const { dueMs, priority, retries } = settlement;
    return [PUT_BACK, [dueMs <= nowMs ? "ready" : "later", dueMs, priority, retries]];
  }
  const { code = null, message = null } = (settlement.to === "failed" ? settlement.error : undefined) ?? {};
  return [FINISH, [settlement.to, nowMs, code, message]];
}

/** Whoever asked is to hear that there is something to fetch: a bundle has its response also when an action failed. */
function notifyOfEnd(db: Connection, row: FencedRow, settlement: Ended): void {
  if (row.notify_url === null) return;
  const { correlation_uid: correlationUid, organisation, application, operation: about, device } = row;
  const error = settlement.to === "failed" ? settlement.error : undefined;
  const isAnswered = settlement.to === "succeeded" || (about === BUNDLE && !error);
  const message = isAnswered ? undefined : (settlement.attemptError ?? error)?.message;
  const result = isAnswered ? "OK" : "NOT OK";
  const news = { correlationUid, organisation, device, about, result, message } as const;
  notifyCaller(db, news, application, row.notify_url, row.response_url);
}

/** Moves a request on, and lets others of its devices into line. False: it is not as the fence says. */
export function settle(db: Connection, fence: Fence, settlement: Settlement): boolean {
  const { id, state, attempt } = fence;
  const row = db.get<FencedRow>(FIND_FENCED, id, state, attempt);
  if (!row) return false;
  if (state === "running") rememberAttempt(db, fence, row, settlement);
  const [sql, values] = moveOf(settlement, db.nowMs);
  db.run(sql, ...values, id);
  const forget = (settlement.to === "waiting" && settlement.forget) || [];
  storeOutcomes(db, fence, settlement.outcomes ?? [], forget);
  if (settlement.to !== "waiting") {
    // It is others' turn to write to its devices.
    if (row.writes) db.run("delete from write_turn where request_id = ?", id);
    notifyOfEnd(db, row, settlement);
  } else if (forget.length > 0) {
    // They may be among what is left for later.
    db.flush();
    db.run(
      "delete from request_action where request_id = ? and position in (select value from json_each(?))",
      ...[id, JSON.stringify(forget)],
    );
  }
  unpark(db, row);
  return true;
}

function storeOutcomes(
  db: Connection,
  fence: Fence,
  outcomes: readonly (ActionOutcome | null)[],
  except: readonly number[],
): void {
  const kept = [...outcomes.entries()].flatMap(([position, outcome]) =>
    outcome === null || except.includes(position) ? [] : [toOutcomeValues(fence, { position, outcome })],
  );
  if (kept.length > 0) db.later(insertOutcomes, kept);
}
