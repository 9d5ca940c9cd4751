import type { Knex } from "knex";
import type { ErrorRecord } from "../domain/errors.ts";
import type { ActionOutcome, ClaimedRequest } from "../domain/request.ts";
import { groupBy } from "../lib/group-by.ts";
import type { ClaimOrder, Dialect } from "./dialect.ts";
import { insertRows } from "./insert-rows.ts";
import { type OutcomeRow, type RequestRow, toRequest } from "./request-row.ts";

/**
 * What a write needs to be let through: the request is still in this state and no other attempt began. Otherwise the
 * writer lost its lease meanwhile, and what it brings is too late.
 */
export interface Fence {
  readonly id: number;
  readonly state: "waiting" | "running";
  readonly attempt: number;
}

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

function columnsOf(settlement: Settlement, nowMs: number): Record<string, string | number | null> {
  const released = { state: settlement.to, worker: null, claimed_ms: null, lease_until_ms: null };
  switch (settlement.to) {
    case "succeeded":
      return { ...released, lane: null, finished_ms: nowMs };
    case "failed":
      return {
        ...released,
        lane: null,
        finished_ms: nowMs,
        error_code: settlement.error?.code ?? null,
        error_message: settlement.error?.message ?? null,
      };
    case "waiting": {
      const { dueMs, priority, retries } = settlement;
      return { ...released, lane: dueMs <= nowMs ? "ready" : "later", due_ms: dueMs, priority, retries };
    }
  }
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
    if (!(await this.#hold(transaction, fence))) return false;
    await this.#replaceOutcomes(transaction, fence, [[position, outcome]]);
    return true;
  }

  /** Moves a request on and lets the next one of its device into line. False: not the caller's any more. */
  async settle(transaction: Knex, fence: Fence, settlement: Settlement, nowMs: number): Promise<boolean> {
    const row: RequestRow | undefined = await transaction("request")
      .where({ ...fence })
      .first();
    if (!row) return false;
    const moved = await transaction("request")
      .where({ ...fence })
      .update(columnsOf(settlement, nowMs));
    if (moved === 0) return false;
    const outcomes = [...(settlement.outcomes ?? []).entries()].flatMap(([position, outcome]) =>
      outcome === null ? [] : [[position, outcome] as const],
    );
    await this.#replaceOutcomes(transaction, fence, outcomes);
    if (settlement.to === "waiting") await this.#forgetOutcomes(transaction, fence.id, settlement.forget ?? []);
    if (row.state === "running") await this.#rememberAttempt(transaction, row, settlement, nowMs);
    await this.#dialect.unpark(transaction, row.route_device);
    return true;
  }

  /** Gives all of a worker's leases a new end; gives what it still holds. */
  async extendLeases(transaction: Knex, worker: string, leaseUntilMs: number): Promise<Fence[]> {
    const held = { state: "running", worker };
    await transaction("request").where(held).update({ lease_until_ms: leaseUntilMs });
    return transaction("request").where(held).select("id", "state", "attempt");
  }

  /** Running requests whose lease ended before `nowMs`, longest overdue first. */
  async findExpiredLeases(transaction: Knex, nowMs: number, limit: number): Promise<ClaimedRequest[]> {
    const rows: RequestRow[] = await transaction("request")
      .whereRaw("state = 'running'")
      .where("lease_until_ms", "<", nowMs)
      .orderBy("lease_until_ms")
      .limit(limit);
    return this.#withOutcomes(transaction, rows);
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

  /** When something happens next by the passing of time alone, in epoch milliseconds; undefined when nothing does. */
  async findNextEvent(knex: Knex): Promise<number | undefined> {
    const [row] = await knex.select({
      due: knex("request").whereRaw("lane = 'later'").min("due_ms"),
      overdue: knex("request")
        .whereRaw("state = 'waiting' and max_schedule_time_ms is not null")
        .min("max_schedule_time_ms"),
      lease: knex("request").whereRaw("state = 'running'").min("lease_until_ms"),
    });
    // What ends at a time is over a millisecond later.
    const times = [row.due, row.overdue === null ? null : row.overdue + 1, row.lease === null ? null : row.lease + 1];
    const known = times.filter((time) => time !== null);
    return known.length > 0 ? Math.min(...known) : undefined;
  }

  /** Whether the fence stands. An update that changes nothing holds the row until the commit, in every database. */
  async #hold(transaction: Knex, fence: Fence): Promise<boolean> {
    return (
      (await transaction("request")
        .where({ ...fence })
        .update({ attempt: fence.attempt })) > 0
    );
  }

  async #replaceOutcomes(transaction: Knex, fence: Fence, outcomes: readonly (readonly [number, ActionOutcome])[]) {
    await this.#forgetOutcomes(
      transaction,
      fence.id,
      outcomes.map(([position]) => position),
    );
    const rows = outcomes.map(([position, outcome]) => [fence.id, position, JSON.stringify(outcome), fence.attempt]);
    await insertRows(transaction, "request_action", ["request_id", "position", "outcome", "attempt"], rows);
  }

  async #forgetOutcomes(transaction: Knex, requestId: number, positions: readonly number[]): Promise<void> {
    if (positions.length === 0) return;
    await transaction("request_action").where({ request_id: requestId }).whereIn("position", positions).delete();
  }

  async #rememberAttempt(transaction: Knex, row: RequestRow, settlement: Settlement, nowMs: number): Promise<void> {
    await transaction("request_attempt").insert({
      request_id: row.id,
      attempt: row.attempt,
      worker: row.worker,
      claimed_ms: row.claimed_ms,
      ended_ms: nowMs,
      ending: settlement.to === "waiting" ? settlement.ending : settlement.to,
      error_code: settlement.attemptError?.code ?? null,
      error_message: settlement.attemptError?.message ?? null,
    });
  }

  async #withOutcomes(transaction: Knex, rows: readonly RequestRow[]): Promise<ClaimedRequest[]> {
    if (rows.length === 0) return [];
    const ids = rows.map((row) => row.id);
    const outcomes: OutcomeRow[] = await transaction("request_action").whereIn("request_id", ids);
    const byRequest = groupBy(outcomes, (outcome) => outcome.request_id);
    return rows.map((row) => toRequest(row, byRequest.get(row.id) ?? []));
  }
}
