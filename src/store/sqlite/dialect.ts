import type { Knex } from "knex";
import type { ClaimedRows, ClaimOrder, Dialect } from "../dialect.ts";
import type { RequestRow } from "../request-row.ts";

/** Requests whose time has come that one claim puts in line; bounds how long the write lock is held. */
const MOST_PROMOTED = 500;
const PAGE = 256;
/** Pages that one claim looks at before it lets others write. */
const MOST_PAGES = 4;

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
async function promote(transaction: Knex, nowMs: number): Promise<number> {
  const due = await transaction.raw(
    `update request set lane = 'ready'
     where id in (select id from request where lane = 'later' and due_ms <= ? order by due_ms, id limit ?)
     returning id`,
    [nowMs, MOST_PROMOTED],
  );
  return due.length;
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
async function unparkFirst(transaction: Knex, routeDevice: string): Promise<void> {
  await transaction.raw(
    `update request set lane = 'ready' where id =
       (select id from request where lane = 'parked' and route_device = ? and not ${BLOCKED}
        order by priority desc, id limit 1)`,
    [routeDevice],
  );
}

/**
 * Walks the waiting requests in order of priority and age. Whatever stands behind a running request of its device is
 * parked, so that no later claim meets it again until that request ends: with 100,000 waiting for few devices, a
 * claim still touches only what it takes. So is what writes while it is another one's turn to write. (Measured against: asking per row whether the device is busy, which rereads
 * the whole line of a busy device on each claim; one seek per device, which rereads every idle device.)
 */
async function claim(transaction: Knex, { worker, nowMs, leaseUntilMs, limit }: ClaimOrder): Promise<ClaimedRows> {
  const promoted = await promote(transaction, nowMs);
  const rows: RequestRow[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const candidates: Candidate[] = await transaction.raw(
      `select id, device, route_device, writes,
         exists (select 1 from request r where r.state = 'running' and r.route_device = request.route_device) as busy,
         ${BLOCKED} as blocked
       from request where lane = 'ready' order by priority desc, id limit ${PAGE}`,
    );
    const { run, park } = choose(candidates, limit - rows.length);
    if (park.length > 0) {
      await transaction.raw("update request set lane = 'parked' where id in (select value from json_each(?))", [
        JSON.stringify(park.map(({ id }) => id)),
      ]);
    }
    const claimed: RequestRow[] = await transaction.raw(
      `update request set state = 'running', lane = null, attempt = attempt + 1,
         worker = ?, claimed_ms = ?, lease_until_ms = ?
       where id in (select value from json_each(?)) returning *`,
      [worker, nowMs, leaseUntilMs, JSON.stringify(run.map(({ id }) => id))],
    );
    const writing = JSON.stringify(run.flatMap(({ id, writes }) => (writes ? [id] : [])));
    for (const behind of writing === "[]" ? [] : ["device", "route_device"]) {
      await transaction.raw(
        `insert into write_turn (device, request_id)
         select ${behind}, id from request where id in (select value from json_each(?)) on conflict do nothing`,
        [writing],
      );
    }
    // Behind one that waits for its turn to write, others may read.
    const running = new Set(run.map((candidate) => candidate.route_device));
    const idle = park.filter(({ busy, route_device }) => !busy && !running.has(route_device));
    for (const route of new Set(idle.map((candidate) => candidate.route_device))) {
      await unparkFirst(transaction, route);
    }
    rows.push(...claimed.sort((a, b) => b.priority - a.priority || a.id - b.id));
    if (rows.length === limit) return { rows, more: true };
    if (candidates.length < PAGE && idle.length === 0) return { rows, more: promoted === MOST_PROMOTED };
  }
  return { rows, more: true };
}

/** SQLite has one writer at a time and a transaction of ours takes its place when it begins: no row needs a lock. */
export const sqliteDialect: Dialect = {
  claim,

  async unpark(transaction, { device, routeDevice }) {
    await unparkFirst(transaction, routeDevice);
    if (device === routeDevice) return;
    // Those that write to the M-Bus device through another meter, which it was behind before or is now.
    await transaction.raw(
      `update request set lane = 'ready'
       where lane = 'parked' and device <> route_device and device = ? and route_device <> ? and writes = 1 and not ${BLOCKED}`,
      [device, routeDevice],
    );
  },

  async endTurn(transaction, requestId) {
    await transaction.raw("delete from write_turn where request_id = ?", [requestId]);
  },

  async storeOutcome(transaction, { id, state, attempt }, position, outcome) {
    const stored = await transaction.raw(
      `insert into request_action (request_id, position, outcome, attempt)
       select id, ?, ?, attempt from request where id = ? and state = ? and attempt = ?
       on conflict (request_id, position) do update set outcome = excluded.outcome, attempt = excluded.attempt
       returning position`,
      [position, outcome, id, state, attempt],
    );
    return stored.length > 0;
  },

  findOutcomes: (transaction, requestIds) =>
    transaction.raw("select * from request_action where request_id in (select value from json_each(?))", [
      JSON.stringify(requestIds),
    ]),

  async takeLogIndexes(transaction, count) {
    const [head] = await transaction.raw(
      "update message_log_head set next_index = next_index + ? where id = 1 returning next_index",
      [count],
    );
    return head.next_index - count;
  },
};
