import type { ErrorRecord } from "../domain/errors.ts";
import type { ActionOutcome, ClaimedRequest, FinishedRequest } from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import type { Database, Transaction } from "../store/database.ts";
import type { ClaimOrder } from "../store/dialect.ts";
import type { BatchWriter, GroupCommit } from "../store/group-commit.ts";
import { type Fence, RunsRepository, type Settlement, type StoredLease } from "../store/runs-repository.ts";
import { type RetryPolicy, type RunEnd, settle, settleOverdue, toRequestOutcome } from "./settle.ts";

/** What became of a request when its run ended. */
export type Settled =
  | { readonly kind: "finished"; readonly request: FinishedRequest; readonly error?: ErrorRecord | undefined }
  /** `ending` says why; `error` what failed. */
  | {
      readonly kind: "put-back";
      readonly ending: "retried" | "snoozed" | "released";
      readonly dueMs: number;
      readonly error?: ErrorRecord | undefined;
    }
  /** The lease had gone to another attempt: nothing was written, and it is that attempt's to say. */
  | { readonly kind: "lost" };

interface Report {
  readonly fence: Fence;
  readonly position: number;
  readonly outcome: ActionOutcome;
}

interface Move {
  readonly request: ClaimedRequest;
  readonly fence: Fence;
  readonly outcomes: readonly (ActionOutcome | null)[];
  readonly settlement: Settlement;
  /** Positions of outcomes that the store does not have. */
  readonly unsaved: ReadonlySet<number>;
}

/** The settlement with those of the outcomes that the store does not have: what is there is not written again. */
function toStore({ settlement, outcomes, unsaved }: Move): Settlement {
  const forgotten = new Set(settlement.to === "waiting" ? settlement.forget : []);
  const final = settlement.outcomes ?? outcomes;
  const missing = final.map((outcome, position) => {
    const isNew = unsaved.has(position) || outcome !== outcomes[position];
    return isNew && !forgotten.has(position) ? outcome : null;
  });
  return { ...settlement, outcomes: missing };
}

/** Requests that one look for overdue ones takes; the next look takes the rest. */
const MOST_OVERDUE = 200;

function runningFence({ id, attempt }: ClaimedRequest): Fence {
  return { id, state: "running", attempt };
}

function settled({ request, outcomes, settlement }: Move, nowMs: number): Settled {
  const { attemptError: error } = settlement;
  if (settlement.to === "waiting") {
    return { kind: "put-back", ending: settlement.ending, dueMs: settlement.dueMs, error };
  }
  const final = settlement.outcomes ?? outcomes;
  const wholeError = settlement.to === "failed" ? settlement.error : undefined;
  return {
    kind: "finished",
    error,
    request: {
      correlationUid: request.correlationUid,
      caller: request.caller,
      operation: request.operation,
      device: request.device,
      responseUrl: request.scheduling.responseUrl,
      state: settlement.to,
      outcome: toRequestOutcome(request.operation, final, wholeError),
      finishedMs: nowMs,
    },
  };
}

/** The queue as workers use it. All times come from the clock; all writes are durable when their promise resolves. */
export class RequestQueue {
  readonly #database: Database;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;
  readonly #policy: RetryPolicy;
  readonly #runs: RunsRepository;

  constructor(database: Database, commits: GroupCommit, clock: Clock, policy: RetryPolicy) {
    this.#database = database;
    this.#commits = commits;
    this.#clock = clock;
    this.#policy = policy;
    this.#runs = new RunsRepository(database.dialect);
  }

  /** Leases up to `limit` requests that are due, one per device to connect to: highest priority first, then oldest. */
  claim(worker: string, limit: number, leaseMs: number): Promise<{ requests: ClaimedRequest[]; more: boolean }> {
    const nowMs = this.#clock.now();
    const order = { worker, limit, nowMs, leaseUntilMs: nowMs + leaseMs };
    return this.#commits.submit(this.#claims, order);
  }

  /** Stores how an action ended. False: the lease is lost, and the outcome with it. */
  report(request: ClaimedRequest, position: number, outcome: ActionOutcome): Promise<boolean> {
    return this.#commits.submit(this.#reports, { fence: runningFence(request), position, outcome });
  }

  /**
   * Ends a run: finishes the request or puts it back, as the retry policy says.
   * @param outcomes how its actions ended, by position
   * @param unsaved positions of outcomes that were not reported: they are stored in the same write
   */
  settle(
    request: ClaimedRequest,
    outcomes: readonly (ActionOutcome | null)[],
    runEnd: RunEnd,
    unsaved: ReadonlySet<number> = new Set(outcomes.keys()),
  ): Promise<Settled> {
    const settlement = settle(request, outcomes, runEnd, this.#policy, this.#clock.now());
    const move = { request, fence: runningFence(request), outcomes, settlement, unsaved };
    return this.#commits.submit(this.#moves, move);
  }

  /** Gives a lease a new end. False: it is lost. */
  extendLease(request: ClaimedRequest, leaseMs: number): Promise<boolean> {
    const leaseUntilMs = this.#clock.now() + leaseMs;
    return this.#commits.submit(this.#extensions, { fence: runningFence(request), leaseUntilMs });
  }

  /** Who runs what now, whether or not it still lives. */
  leases(): Promise<StoredLease[]> {
    return this.#runs.findLeases(this.#database.knex);
  }

  /** Takes a request from a worker that is gone. */
  async rescue(
    lease: Pick<StoredLease, "id" | "attempt">,
  ): Promise<{ readonly request: ClaimedRequest; readonly settled: Settled } | undefined> {
    const fence: Fence = { ...lease, state: "running" };
    const request = await this.#runs.findRunning(this.#database.knex, fence);
    if (!request) return undefined;
    return { request, settled: await this.settle(request, request.outcomes, { kind: "lease-expired" }, new Set()) };
  }

  /** Ends waiting requests whose MaxScheduleTime has passed. */
  async settleOverdue(): Promise<{ readonly request: ClaimedRequest; readonly settled: Settled }[]> {
    const nowMs = this.#clock.now();
    // Asked each time that something happens; there hardly ever is one.
    if (!(await this.#runs.isAnyOverdue(this.#database.knex, nowMs))) return [];
    return this.#database.knex.transaction(async (transaction) => {
      const moves: Move[] = [];
      for (const { request, lastError } of await this.#runs.findOverdue(transaction, nowMs, MOST_OVERDUE)) {
        const { id, attempt, outcomes } = request;
        const settlement = settleOverdue(request, lastError);
        moves.push({ request, fence: { id, state: "waiting", attempt }, outcomes, settlement, unsaved: new Set() });
      }
      const results = await this.#moves.write(transaction, moves);
      return moves.map(({ request }, at) => ({ request, settled: results[at] as Settled }));
    });
  }

  /** How many requests stand in line now, counted up to `most`. */
  countReady(most: number): Promise<number> {
    return this.#runs.countReady(this.#database.knex, most);
  }

  /** When something falls due by the passing of time alone, in epoch milliseconds; undefined when nothing will. */
  nextEventMs(): Promise<number | undefined> {
    return this.#runs.findNextEvent(this.#database.knex);
  }

  readonly #claims: BatchWriter<ClaimOrder, { requests: ClaimedRequest[]; more: boolean }> = {
    write: async (transaction, orders) => {
      const claims: { requests: ClaimedRequest[]; more: boolean }[] = [];
      for (const order of orders) claims.push(await this.#runs.claim(transaction, order));
      return claims;
    },
  };

  readonly #reports: BatchWriter<Report, boolean> = {
    write: async (transaction, reports) => {
      const stored: boolean[] = [];
      for (const { fence, position, outcome } of reports) {
        stored.push(await this.#runs.storeOutcome(transaction, fence, position, outcome));
      }
      return stored;
    },
  };

  readonly #extensions: BatchWriter<{ readonly fence: Fence; readonly leaseUntilMs: number }, boolean> = {
    write: async (transaction, extensions) => {
      const held: boolean[] = [];
      for (const { fence, leaseUntilMs } of extensions) {
        held.push(await this.#runs.extendLease(transaction, fence, leaseUntilMs));
      }
      return held;
    },
  };

  readonly #moves = {
    write: async (transaction: Transaction, moves: readonly Move[]): Promise<Settled[]> => {
      const nowMs = this.#clock.now();
      const results: Settled[] = [];
      for (const move of moves) {
        const mine = await this.#runs.settle(transaction, move.fence, toStore(move), nowMs);
        results.push(mine ? settled(move, nowMs) : { kind: "lost" });
      }
      return results;
    },
  };
}
