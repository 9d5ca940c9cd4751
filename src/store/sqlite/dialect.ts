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
  readonly route_device: string;
  readonly busy: number;
}

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

/** Splits candidates into those that may run, at most `limit`, and those that stand behind one of their device. */
function choose(candidates: readonly Candidate[], limit: number): { run: number[]; park: number[] } {
  const [run, park]: [number[], number[]] = [[], []];
  const taken = new Set<string>();
  for (const { id, route_device, busy } of candidates) {
    if (run.length === limit) break;
    if (busy || taken.has(route_device)) {
      park.push(id);
    } else {
      taken.add(route_device);
      run.push(id);
    }
  }
  return { run, park };
}

/**
 * Walks the waiting requests in order of priority and age. Whatever stands behind a running request of its device is
 * parked, so that no later claim meets it again until that request ends: with 100,000 waiting for few devices, a
 * claim still touches only what it takes. (Measured against: asking per row whether the device is busy, which rereads
 * the whole line of a busy device on each claim; one seek per device, which rereads every idle device.)
 */
async function claim(transaction: Knex, { worker, nowMs, leaseUntilMs, limit }: ClaimOrder): Promise<ClaimedRows> {
  const promoted = await promote(transaction, nowMs);
  const rows: RequestRow[] = [];
  for (let page = 0; page < MOST_PAGES; page++) {
    const candidates: Candidate[] = await transaction.raw(
      `select id, route_device,
         exists (select 1 from request r where r.state = 'running' and r.route_device = request.route_device) as busy
       from request where lane = 'ready' order by priority desc, id limit ${PAGE}`,
    );
    const { run, park } = choose(candidates, limit - rows.length);
    if (park.length > 0) {
      await transaction.raw("update request set lane = 'parked' where id in (select value from json_each(?))", [
        JSON.stringify(park),
      ]);
    }
    const claimed: RequestRow[] = await transaction.raw(
      `update request set state = 'running', lane = null, attempt = attempt + 1,
         worker = ?, claimed_ms = ?, lease_until_ms = ?
       where id in (select value from json_each(?)) returning *`,
      [worker, nowMs, leaseUntilMs, JSON.stringify(run)],
    );
    rows.push(...claimed.sort((a, b) => b.priority - a.priority || a.id - b.id));
    if (rows.length === limit) return { rows, more: true };
    if (candidates.length < PAGE) return { rows, more: promoted === MOST_PROMOTED };
  }
  return { rows, more: true };
}

/** SQLite has one writer at a time and a transaction of ours takes its place when it begins: no row needs a lock. */
export const sqliteDialect: Dialect = {
  claim,

  async unpark(transaction, routeDevice) {
    await transaction.raw(
      `update request set lane = 'ready' where id =
         (select id from request where lane = 'parked' and route_device = ? order by priority desc, id limit 1)`,
      [routeDevice],
    );
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
