import type { Knex } from "knex";
import type { ErrorRecord } from "../domain/errors.ts";
import type { ActionOutcome, ClaimedRequest } from "../domain/request.ts";
import { groupBy } from "../lib/group-by.ts";
import type { ClaimOrder, Dialect, Fence } from "./dialect.ts";

export type { Fence };

import type { SqlValue } from "./insert-rows.ts";
import { type RequestRow, toRequest } from "./request-row.ts";

interface Settled {
  /** Outcomes to store along with the move, by position; null leaves what is there. */
  readonly outcomes?: readonly (ActionOutcome | null)[] | undefined;
  /** What the attempt is remembered with. */
  readonly attemptError?: ErrorRecord | undefined;
}

/** How a request leaves its state. */
export type Settlement = Settled &
  (
    | { readonly to: "succeeded" }
    | { readonly to: "failed"; readonly error?: ErrorRecord | undefined }
    | {
        readonly to: "waiting";
        readonly ending: "retried" | "snoozed" | "released";
        /** Epoch milliseconds. */
        readonly dueMs: number;
        readonly priority: number;
        readonly retries: number;
        /** Positions whose outcomes are dropped, so that their actions run again. */
        readonly forget?: readonly number[] | undefined;
      }
  );

/** Who runs a request, and until when it is theirs if nobody hears of them. */
export interface StoredLease {
  readonly id: number;
  readonly attempt: number;
  readonly worker: string;
  /** Epoch milliseconds of the worker's wall clock; grows with each renewal. */
  readonly leaseUntilMs: number;
}

/** Columns that say who runs a request, as they are when nobody does. */
const RELEASED = "worker = null, claimed_ms = null, lease_until_ms = null";
const FENCED = "where id = ? and state = ? and attempt = ? returning device, route_device";
const FINISH = `update request set state = ?, lane = null, ${RELEASED}, finished_ms = ?, error_code = ?, error_message = ?
  ${FENCED}`;
const PUT_BACK = `update request set state = 'waiting', lane = ?, ${RELEASED}, due_ms = ?, priority = ?, retries = ?
  ${FENCED}`;
const REMEMBER_ATTEMPT = `insert into request_attempt
    (request_id, attempt, worker, claimed_ms, ended_ms, ending, error_code, error_message)
  select id, attempt, worker, claimed_ms, ?, ?, ?, ? from request where id = ? and state = 'running' and attempt = ?`;

/** The statement that moves a request on, and what it binds before the fence. */
function moveOf(settlement: Settlement, nowMs: number): readonly [sql: string, values: SqlValue[]] {
  if (settlement.to === "waiting") {
    const { dueMs, priority, retries } = settlement;
    return [PUT_BACK, [dueMs <= nowMs ? "ready" : "later", dueMs, priority, retries]];
  }
  const { code = null, message = null } = (settlement.to === "failed" ? settlement.error : undefined) ?? {};
  return [FINISH, [settlement.to, nowMs, code, message]];
}

/** How requests run: claims, what their actions end with, and how they leave the state they are in. */
export class RunsRepository {
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.#dialect = dialect;
  }

  /** Leases requests that are due to `worker`: highest priority first, then oldest, one per device to connect to. */
  async claim(transaction: Knex, order: ClaimOrder): Promise<{ requests: ClaimedRequest[]; more: boolean }> {
    const { rows, more } = await this.#dialect.claim(transaction, order);
    return { requests: await this.#withOutcomes(transaction, rows), more };
  }

  /** Stores what an action ended with, in place of what an earlier attempt stored. False: not the caller's any more. */
  async storeOutcome(transaction: Knex, fence: Fence, position: number, outcome: ActionOutcome): Promise<boolean> {
    return this.#dialect.storeOutcome(transaction, fence, position, JSON.stringify(outcome));
  }

  /** Moves a request on and lets the next one of its device into line. False: not the caller's any more. */
  async settle(transaction: Knex, fence: Fence, settlement: Settlement, nowMs: number): Promise<boolean> {
    const { id, state, attempt } = fence;
    if (state === "running") {
      const ending = settlement.to === "waiting" ? settlement.ending : settlement.to;
      const { code = null, message = null } = settlement.attemptError ?? {};
      await transaction.raw(REMEMBER_ATTEMPT, [nowMs, ending, code, message, id, attempt] as Knex.RawBinding[]);
    }
    const [sql, values] = moveOf(settlement, nowMs);
    const [moved] = await transaction.raw(sql, [...values, id, state, attempt] as Knex.RawBinding[]);
    if (!moved) return false;
    for (const [position, outcome] of (settlement.outcomes ?? []).entries()) {
      if (outcome === null) continue;
      await this.#dialect.storeOutcome(
        transaction,
        { ...fence, state: settlement.to },
        position,
        JSON.stringify(outcome),
      );
    }
    if (settlement.to === "waiting") await this.#forgetOutcomes(transaction, id, settlement.forget ?? []);
    else await this.#dialect.endTurn(transaction, id);
    await this.#dialect.unpark(transaction, { device: moved.device, routeDevice: moved.route_device });
    return true;
  }

  /**
   * Gives a lease a new end, which is always later than the one before: whoever watches it sees that it was renewed,
   * also when the wall clock stepped back.
   * @returns false when it has gone to another attempt
   */
  async extendLease(transaction: Knex, { id, attempt }: Fence, leaseUntilMs: number): Promise<boolean> {
    const extended = await transaction.raw(
      `update request set lease_until_ms = max(lease_until_ms + 1, ?)
       where id = ? and state = 'running' and attempt = ? returning id`,
      [leaseUntilMs, id, attempt],
    );
    return extended.length > 0;
  }

  /** Who runs what now, whether or not it still lives. */
  async findLeases(knex: Knex): Promise<StoredLease[]> {
    const rows = await knex.raw("select id, attempt, worker, lease_until_ms from request where state = 'running'");
    return rows.map((row: RequestRow) => ({
      id: row.id,
      attempt: row.attempt,
      worker: row.worker as string,
      leaseUntilMs: row.lease_until_ms as number,
    }));
  }

  /** The request as its attempt runs it; undefined when that attempt does not run it any more. */
  async findRunning(transaction: Knex, { id, attempt }: Fence): Promise<ClaimedRequest | undefined> {
    const rows: RequestRow[] = await transaction("request").where({ id, attempt, state: "running" });
    return (await this.#withOutcomes(transaction, rows))[0];
  }

  /** Waiting requests whose MaxScheduleTime is before `nowMs`, with the error of their latest attempt if any. */
  async findOverdue(
    transaction: Knex,
    nowMs: number,
    limit: number,
  ): Promise<{ request: ClaimedRequest; lastError: ErrorRecord | undefined }[]> {
    const rows: RequestRow[] = await transaction("request")
      .whereRaw("state = 'waiting' and max_schedule_time_ms is not null")
      .where("max_schedule_time_ms", "<", nowMs)
      .orderBy("max_schedule_time_ms")
      .limit(limit);
    const overdue = [];
    for (const request of await this.#withOutcomes(transaction, rows)) {
      const last = await transaction("request_attempt")
        .where({ request_id: request.id })
        .orderBy("attempt", "desc")
        .first();
      const lastError = last?.error_code ? { code: last.error_code, message: last.error_message } : undefined;
      overdue.push({ request, lastError });
    }
    return overdue;
  }

  /** Whether `findOverdue` would find any. */
  async isAnyOverdue(knex: Knex, nowMs: number): Promise<boolean> {
    const [row] = await knex.raw(
      `select exists (select 1 from request where state = 'waiting' and max_schedule_time_ms is not null
                      and max_schedule_time_ms < ?) as overdue`,
      [nowMs],
    );
    return row.overdue === 1;
  }

  /** How many requests are next to be claimed, counted up to `most`. */
  async countReady(knex: Knex, most: number): Promise<number> {
    const sql = "select count(*) as ready from (select 1 from request where lane = 'ready' limit ?)";
    const [row] = await knex.raw(sql, [most]);
    return row.ready;
  }

  /** When something happens next by the passing of time alone, in epoch milliseconds; undefined when nothing does. */
  async findNextEvent(knex: Knex): Promise<number | undefined> {
    const [row] = await knex.raw(`select
      (select min(due_ms) from request where lane = 'later') as due,
      (select min(max_schedule_time_ms) from request
       where state = 'waiting' and max_schedule_time_ms is not null) as overdue`);
    // What ends at a time is over a millisecond later.
    const times = [row.due, row.overdue === null ? null : row.overdue + 1];
    const known = times.filter((time) => time !== null);
    return known.length > 0 ? Math.min(...known) : undefined;
  }

  async #forgetOutcomes(transaction: Knex, requestId: number, positions: readonly number[]): Promise<void> {
    if (positions.length === 0) return;
    await transaction("request_action").where({ request_id: requestId }).whereIn("position", positions).delete();
  }

  async #withOutcomes(transaction: Knex, rows: readonly RequestRow[]): Promise<ClaimedRequest[]> {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.id);
    const outcomes = await this.#dialect.findOutcomes(transaction, ids);
    const byRequest = groupBy(outcomes, (outcome) => outcome.request_id);
    return rows.map((row) => toRequest(row, byRequest.get(row.id) ?? []));
  }
}
