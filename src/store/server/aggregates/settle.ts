import type { ErrorRecord } from "../../../domain/errors.ts";
import { type ActionOutcome, BUNDLE } from "../../../domain/request.ts";
import type { Attempt, Fence, Settlement } from "../../requests.ts";
import type { RequestRow } from "../../rows/request.ts";
import type { Session } from "../session.ts";
import { unparkFirst } from "./claim.ts";
import { BLOCKED } from "./claim-conditions.ts";
import { notifyCaller } from "./notifications.ts";

type Ended = Exclude<Settlement, { readonly to: "waiting" }>;

const COLUMNS = [
  ...["id", "correlation_uid", "organisation", "application", "operation", "device", "route_device", "response_url"],
  ...["writes", "worker", "claimed_ms"],
];
type Row = RequestRow;

/** Columns that say who runs a request, as they are when nobody does. */
const RELEASED = "worker = null, claimed_ms = null, lease_until_ms = null";

/** Stores what an action ended with, in place of what an earlier attempt stored; the request is locked. */
export function storeOutcome(db: Session, { id, attempt }: Attempt, position: number, outcome: ActionOutcome): void {
  db.upsert("request_action", { request_id: id, position }, { outcome: JSON.stringify(outcome), attempt });
}

/** The request, locked, if it is as the fence says. */
export function lockFenced(db: Session, { id, state, attempt }: Fence): Promise<Row | undefined> {
  const sql = db.statements.selectLocked(COLUMNS, "request", "id = ? and state = ? and attempt = ?");
  return db.get<Row>(sql, id, state, attempt);
}

const ATTEMPT_COLUMNS = [
  "request_id",
  "attempt",
  "worker",
  "claimed_ms",
  "ended_ms",
  "ending",
  "error_code",
  "error_message",
];

/** Whoever asked is to hear that there is something to fetch: a bundle has its response also when an action failed. */
async function notifyOfEnd(db: Session, row: Row, settlement: Ended): Promise<void> {
  const { correlation_uid: correlationUid, organisation, application, operation: about, device } = row;
  const error = settlement.to === "failed" ? settlement.error : undefined;
  const isAnswered = settlement.to === "succeeded" || (about === BUNDLE && !error);
  const message = isAnswered ? undefined : (settlement.attemptError ?? error)?.message;
  const result = isAnswered ? "OK" : "NOT OK";
  await notifyCaller(
    db,
    { correlationUid, organisation, device, about, result, message },
    application,
    row.response_url,
  );
}

function move(db: Session, id: number, settlement: Settlement, nowMs: number): void {
  if (settlement.to === "waiting") {
    const { dueMs, priority, retries } = settlement;
    db.send(
      `update request set state = 'waiting', lane = ?, ${RELEASED}, due_ms = ?, priority = ?, retries = ? where id = ?`,
      ...[dueMs <= nowMs ? "ready" : "later", dueMs, priority, retries, id],
    );
    return;
  }
  const error: ErrorRecord | undefined = settlement.to === "failed" ? settlement.error : undefined;
  db.send(
    `update request set state = ?, lane = null, ${RELEASED}, finished_ms = ?, error_code = ?, error_message = ?
     where id = ?`,
    ...[settlement.to, nowMs, error?.code ?? null, error?.message ?? null, id],
  );
}

/**
 * Waits until turns of M-Bus devices that somebody else is ending just now have ended: of two that end at the same time,
 * each would otherwise find what is parked behind both still behind the other one.
 */
async function awaitEndingTurns(db: Session, { route_device: routeDevice }: Row): Promise<void> {
  const targets = await db.all<{ device: string }>(
    `select distinct device from request
     where lane = 'parked' and route_device = ? and device <> route_device`,
    routeDevice,
  );
  if (targets.length === 0) return;
  const sql = db.statements.selectLocked(["device"], "write_turn", `device ${db.among}`);
  await db.all(
    sql,
    targets.map(({ device }) => device),
  );
}

/** Puts those back in line that may run now that something of these devices has ended or was put back. */
async function unpark(db: Session, { device, route_device: routeDevice }: Row): Promise<void> {
  let unparked = await unparkFirst(db, routeDevice);
  if (device !== routeDevice) {
    // Those that write to the M-Bus device through another meter, which it was behind before or is now.
    unparked += await db.run(
      `update request set lane = 'ready'
       where lane = 'parked' and device <> route_device and device = ? and route_device <> ? and writes = 1
         and ${BLOCKED} = 0`,
      ...[device, routeDevice],
    );
  }
  if (unparked > 0) db.wakes = true;
}

export async function settle(db: Session, fence: Fence, settlement: Settlement): Promise<boolean> {
  const row = await lockFenced(db, fence);
  if (!row) return false;
  const { id, state, attempt } = fence;
  const { nowMs } = await db.time();
  if (state === "running") {
    const ending = settlement.to === "waiting" ? settlement.ending : settlement.to;
    const { code = null, message = null } = settlement.attemptError ?? {};
    const values = [id, attempt, row.worker, row.claimed_ms, nowMs, ending, code, message];
    db.insert("request_attempt", ATTEMPT_COLUMNS, [values]);
  }
  move(db, id, settlement, nowMs);
  for (const [position, outcome] of (settlement.outcomes ?? []).entries()) {
    if (outcome !== null) storeOutcome(db, fence, position, outcome);
  }
  if (settlement.to !== "waiting") {
    // It is others' turn to write to its devices.
    const turns = row.writes === 1 ? await db.run("delete from write_turn where request_id = ?", id) : 0;
    if (turns > 0) await awaitEndingTurns(db, row);
    await notifyOfEnd(db, row, settlement);
  } else if (settlement.forget?.length) {
    db.send(`delete from request_action where request_id = ? and position ${db.among}`, id, settlement.forget);
  }
  await unpark(db, row);
  return true;
}
