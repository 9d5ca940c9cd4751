import { type Candidate, choose, type Line, Room, UNREADABLE } from "../../claiming.ts";
import type { Claim, ClaimOrder } from "../../requests.ts";
import type { RequestRow } from "../../rows/request.ts";
import { AT_MOST, type Session } from "../session.ts";
import { BLOCKED, BUSY } from "./claim-conditions.ts";
import { readOutcomes } from "./outcomes.ts";
import { findOverdue, untilNextEventMs } from "./overdue.ts";
import { settle } from "./settle.ts";

/** Requests whose time has come that one claim puts in line. */
const MOST_PROMOTED = 500;
/** Overdue requests that one claim tells of; the next claim tells of the rest. */
const MOST_OVERDUE = 200;
const PAGE = 256;
/** Pages that one claim looks at before it commits. */
const MOST_PAGES = 4;
/** Of a page, what each line gets at least, however many they are. */
const LEAST_SHARE = 4;

/** The lines in which something is next to be claimed, the one whose turn it is first, and the beginning of each. */
async function readLines(db: Session, room: Room): Promise<{ lines: Line[]; share: number }> {
  const keys = (
    await db.all<Omit<Line, "candidates">>(
      // In the order of the index of what is ready: asked whether any exists, the database may walk all that is finished.
      `select family, organisation from request_line where
         (select id from request where lane = 'ready' and family = request_line.family
            and organisation = request_line.organisation order by priority desc, id ${AT_MOST}) is not null
       order by turn, family, organisation`,
      1,
    )
  ).filter(({ family }) => room.isFor(family));
  // No more than may be needed: what is looked at here, others pass over meanwhile.
  const page = Math.min(PAGE, Math.max(16, room.left * 2));
  const share = Math.max(LEAST_SHARE, Math.ceil(page / Math.max(1, keys.length)));
  const lines: Line[] = [];
  for (const { family, organisation } of keys) {
    const candidates = await db.all<Candidate>(db.statements.candidates, family, organisation, share);
    lines.push({ family, organisation, candidates });
  }
  return { lines, share };
}

/** Sends lines to the end of the line of lines, in this order. */
async function passTurns(db: Session, lines: readonly Line[]): Promise<void> {
  if (lines.length === 0) return;
  // Always in the same order, so that two claims do not wait for each other; those that another one moves are moved.
  const keyOf = ({ family, organisation }: Pick<Line, "family" | "organisation">) => `${family} ${organisation}`;
  const turns = new Map<Line, number>();
  for (const line of lines) turns.set(line, (await db.get<{ turn: number }>(db.statements.nextTurn))!.turn);
  for (const line of [...lines].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))) {
    db.send(
      "update request_line set turn = ? where family = ? and organisation = ?",
      ...[turns.get(line)!, line.family, line.organisation],
    );
  }
}

const LEASE_COLUMNS = ["id"] as const;

/** Leases what was chosen and is still free, and gives what writes its turn. */
async function lease(
  db: Session,
  { worker, leaseMs }: ClaimOrder,
  chosen: readonly Candidate[],
): Promise<RequestRow[]> {
  if (chosen.length === 0) return [];
  const routes = chosen.map(({ route_device: route }) => route);
  const free = new Set((await db.all<{ name: string }>(db.statements.tryLocks, routes)).map(({ name }) => name));
  const ids = chosen.filter(({ route_device: route }) => free.has(route)).map(({ id }) => id);
  if (ids.length === 0) return [];
  // Since they were looked at, another claim may have taken one of the same device.
  const sql = db.statements.updateReturning(
    "request",
    "state = 'running', lane = null, attempt = attempt + 1, worker = ?, claimed_ms = ?, lease_until_ms = ?",
    `id ${db.among} and lane = 'ready' and ${BUSY} = 0 and ${BLOCKED} = 0`,
    LEASE_COLUMNS,
  );
  const { nowMs, steadyMs } = await db.time();
  const leased = await db.all<{ id: number }>(sql, worker, nowMs, steadyMs + leaseMs, ids);
  if (leased.length === 0) return [];
  const rows = await db.all<RequestRow>(
    `select * from request where id ${db.among}`,
    leased.map(({ id }) => id),
  );
  for (const { id, device, route_device: route, writes } of rows) {
    if (writes !== 1) continue;
    for (const name of new Set([device, route].sort())) await takeTurn(db, name, id);
  }
  const order = new Map(chosen.map(({ id }, place) => [id, place]));
  return rows.sort((a, b) => order.get(a.id)! - order.get(b.id)!);
}

/** Another claim took the turn meanwhile: this one is made anew. */
class TurnTaken extends Error {
  readonly code = "40001";
}

async function takeTurn(db: Session, device: string, requestId: number): Promise<void> {
  if (await db.insertIfNew("write_turn", { device }, { request_id: requestId })) return;
  const owner = await db.get<{ request_id: number }>("select request_id from write_turn where device = ?", device);
  if (owner?.request_id !== requestId) throw new TurnTaken("it is another request's turn to write");
}

/**
 * Parks what stands behind others, so that no later claim meets it before those have ended: whoever ends one lets the
 * next into line. What it stands behind is locked, so that it cannot end before it is parked; whatever is being ended or
 * changed just now is left in line instead.
 */
async function park(
  db: Session,
  behind: readonly Candidate[],
  leased: readonly RequestRow[],
): Promise<{ parked: number; unparked: number }> {
  if (behind.length === 0) return { parked: 0, unparked: 0 };
  const routes = [...new Set(behind.map(({ route_device: route }) => route))];
  const running = new Set(leased.map(({ route_device: route }) => route));
  const { selectShared } = db.statements;
  const others = routes.filter((route) => !running.has(route));
  if (others.length > 0) {
    const sql = selectShared(["route_device"], "request", `state = 'running' and route_device ${db.among}`);
    for (const { route_device: route } of await db.all<Candidate>(sql, others)) running.add(route);
  }
  const blocked = behind.filter(({ route_device: route, writes }) => writes && !running.has(route));
  const turns = new Map<string, number>();
  if (blocked.length > 0) {
    const devices = [...new Set(blocked.flatMap(({ device, route_device: route }) => [device, route]))];
    const sql = selectShared(["device", "request_id"], "write_turn", `device ${db.among}`);
    const rows = await db.all<{ device: string; request_id: number }>(sql, devices);
    for (const { device, request_id: owner } of rows) turns.set(device, owner);
  }
  const isBehindTurn = ({ id, device, route_device: route, writes }: Candidate) =>
    writes === 1 && [device, route].some((name) => turns.has(name) && turns.get(name) !== id);
  const parked = behind.filter((each) => running.has(each.route_device) || isBehindTurn(each));
  if (parked.length > 0) {
    db.send(
      `update request set lane = 'parked' where id ${db.among} and lane = 'ready'`,
      parked.map(({ id }) => id),
    );
  }
  // Behind one that waits for its turn to write, others may read.
  const idle = parked.filter(({ route_device: route }) => !running.has(route));
  let unparked = 0;
  for (const route of new Set(idle.map(({ route_device: route }) => route))) unparked += await unparkFirst(db, route);
  return { parked: parked.length, unparked };
}

export async function unparkFirst(db: Session, routeDevice: string): Promise<number> {
  return db.run(db.statements.unparkFirst, routeDevice, routeDevice, routeDevice);
}

/** Walks the lines of waiting requests in turn, each in order of priority and age; see `docs/queue.md`. */
async function claimRows(
  db: Session,
  order: ClaimOrder,
  passed: ReadonlySet<number>,
): Promise<{ rows: RequestRow[]; more: boolean }> {
  // One after the other: passing over what another claim looks at would let a younger write of a device go first.
  if (order.limit > 0) {
    db.lock("claim");
    // Who has waited for others chooses now, and not when the wait began.
    await db.renewTime();
  }
  const promoted = await db.run(db.statements.promote, (await db.time()).nowMs, MOST_PROMOTED);
  const rows: RequestRow[] = [];
  if (order.limit === 0) return { rows, more: false };
  const room = new Room(order);
  for (let page = 0; page < MOST_PAGES; page++) {
    const { lines, share } = await readLines(db, room);
    const isLast = lines.every(({ candidates }) => candidates.length < share);
    const { run, behind, aside, turns } = choose(lines, room, passed);
    const leased = await lease(db, order, run);
    rows.push(...leased);
    const { parked, unparked } = await park(db, behind, leased);
    if (lines.length > 1) await passTurns(db, turns);
    if (lines.some(({ family }) => !room.isFor(family))) {
      // What was looked at and not taken, others have passed over.
      if (aside.length > 0 || lines.some(({ candidates }) => candidates.length > 0)) db.wakes = true;
      return { rows, more: true };
    }
    if (isLast && unparked === 0 && aside.length === 0) return { rows, more: promoted === MOST_PROMOTED };
    // All that was looked at stands behind what somebody else is changing just now.
    if (leased.length === 0 && parked === 0) return { rows, more: false };
  }
  return { rows, more: true };
}

/** Claims, and ends at once what was claimed and cannot be read: it must not come back to whoever claims next. */
export async function claim(db: Session, order: ClaimOrder): Promise<Claim> {
  const overdue = await findOverdue(db, MOST_OVERDUE);
  const passed = new Set(overdue.map(({ fence }) => fence.id));
  const { rows, more } = await claimRows(db, order, passed);
  const requests: Claim["requests"][number][] = [];
  const unreadable: Claim["unreadable"][number][] = [];
  for (const { row, request } of await readOutcomes(db, rows)) {
    if (request) {
      requests.push(request);
      continue;
    }
    unreadable.push({ correlationUid: row.correlation_uid, device: row.device });
    const { id, attempt } = row;
    await settle(db, { id, state: "running", attempt }, { to: "failed", error: UNREADABLE, attemptError: UNREADABLE });
  }
  const isMore = more || unreadable.length > 0 || overdue.length > 0;
  return { requests, unreadable, overdue, more: isMore, untilNextEventMs: await untilNextEventMs(db) };
}
