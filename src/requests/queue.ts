import type { DeviceFamily } from "../domain/device.ts";
import type { ErrorRecord } from "../domain/errors.ts";
import type { ActionOutcome, ClaimedRequest, FinishedRequest } from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import { StoreError } from "../store/errors.ts";
import type {
  Attempt,
  Claim,
  Fence,
  OverdueRequest,
  PlacedOutcome,
  RequestsStore,
  Settlement,
  StoredLease,
} from "../store/requests.ts";
import { decideEnd, decideLateEnd, type RetryPolicy, type RunEnd, toRequestOutcome } from "./settle.ts";

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

/** What a worker got, and what it needs to know for its next look. */
export interface Claimed extends Omit<Claim, "untilNextEventMs"> {
  /** When something falls due by the passing of time alone, in epoch milliseconds; undefined when nothing will. */
  readonly nextEventMs: number | undefined;
}

/** A request that was not run to its end, and what became of it. */
export interface Rescued {
  readonly request: ClaimedRequest;
  readonly settled: Settled;
}

/** How a request leaves its state, as it was decided. */
interface Ending {
  readonly request: ClaimedRequest;
  readonly fence: Fence;
  readonly outcomes: readonly (ActionOutcome | null)[];
  readonly settlement: Settlement;
  /** Positions of outcomes that the store does not have. */
  readonly unsaved: ReadonlySet<number>;
}

/** The settlement with those of the outcomes that the store does not have: what is there is not written again. */
function toStore({ settlement, outcomes, unsaved }: Ending): Settlement {
  const forgotten = new Set(settlement.to === "waiting" ? settlement.forget : []);
  const final = settlement.outcomes ?? outcomes;
  const missing = final.map((outcome, position) => {
    const isNew = unsaved.has(position) || outcome !== outcomes[position];
    return isNew && !forgotten.has(position) ? outcome : null;
  });
  return { ...settlement, outcomes: missing };
}

const UNREADABLE: ErrorRecord = { code: "INTERNAL", message: "The stored request cannot be read." };

function runningFence({ id, attempt }: Attempt): Fence {
  return { id, state: "running", attempt };
}

function settled({ request, outcomes, settlement }: Ending, nowMs: number): Settled {
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
  readonly #store: RequestsStore;
  readonly #clock: Clock;
  readonly #policy: RetryPolicy;

  constructor(store: RequestsStore, clock: Clock, policy: RetryPolicy) {
    this.#store = store;
    this.#clock = clock;
    this.#policy = policy;
  }

  /** Leases up to `limit` requests that are due, one per device to connect to; organisations take turns. */
  async claim(
    worker: string,
    limit: number,
    leaseMs: number,
    perFamily?: Readonly<Record<DeviceFamily, number>>,
  ): Promise<Claimed> {
    const { untilNextEventMs, ...claim } = await this.#store.claim({ worker, limit, leaseMs, perFamily });
    return { ...claim, nextEventMs: untilNextEventMs === undefined ? undefined : this.#clock.now() + untilNextEventMs };
  }

  /** Stores how actions ended. False: the lease is lost, and the outcomes with it. */
  report({ id, attempt }: ClaimedRequest, outcomes: readonly PlacedOutcome[]): Promise<boolean> {
    return this.#store.report({ id, attempt }, outcomes);
  }

  /** Stores what later runs have to know about an action. False: the lease is lost. */
  note({ id, attempt }: ClaimedRequest, position: number, note: object): Promise<boolean> {
    return this.#store.note({ id, attempt }, position, note);
  }

  /** What was noted about an action, in this run or an earlier one. */
  noted({ id }: ClaimedRequest, position: number): Promise<object | undefined> {
    return this.#store.noted(id, position);
  }

  /**
   * What was noted about the first action of another request of the same organisation to the same device, if it has not
   * ended.
   */
  async notedBy({ caller, routeDevice }: ClaimedRequest, correlationUid: string): Promise<object | undefined> {
    const other = await this.#store.summary(correlationUid);
    const isOurs = other?.routeDevice === routeDevice && other.caller.organisation === caller.organisation;
    return isOurs && other.finishedMs === undefined ? this.#store.noted(other.id, 0) : undefined;
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
    const settlement = decideEnd(request, outcomes, runEnd, this.#policy, this.#clock.now());
    return this.#end({ request, fence: runningFence(request), outcomes, settlement, unsaved });
  }

  /** Gives a lease a new end. False: it is lost. */
  extendLease({ id, attempt }: Attempt, leaseMs: number): Promise<boolean> {
    return this.#store.extendLease({ id, attempt }, leaseMs);
  }

  /** Says anew how long a request that was put back waits: the wall clock has stepped. */
  reschedule({ id, attempt }: Attempt, delayMs: number): Promise<boolean> {
    return this.#store.reschedule({ id, attempt }, this.#clock.now() + delayMs);
  }

  /** Who runs what now, whether or not it still lives. */
  leases(): Promise<StoredLease[]> {
    return this.#store.leases();
  }

  /** Takes a request from a worker that is gone. */
  async rescue({ id, attempt }: Attempt): Promise<Rescued | undefined> {
    try {
      const request = await this.#store.findRunning({ id, attempt });
      if (!request) return undefined;
      return { request, settled: await this.settle(request, request.outcomes, { kind: "lease-expired" }, new Set()) };
    } catch (error) {
      if (error instanceof StoreError && error.code === "ROW_UNREADABLE") {
        await this.#endUnreadable(runningFence({ id, attempt }));
      }
      throw error;
    }
  }

  /** Ends waiting requests whose MaxScheduleTime has passed. */
  async settleOverdue(overdue: readonly OverdueRequest[]): Promise<Rescued[]> {
    // All at the same time, so that they go in one transaction; one that cannot be written does not keep the others.
    const settlings = overdue.map(async ({ fence, request, lastError }) => {
      if (!request) {
        await this.#endUnreadable(fence);
        return [];
      }
      const { outcomes } = request;
      const settlement = decideLateEnd(request, lastError);
      return [{ request, settled: await this.#end({ request, fence, outcomes, settlement, unsaved: new Set() }) }];
    });
    return (await Promise.all(settlings)).flat();
  }

  /** How many requests of a family stand in line now, counted up to `most`. */
  countReady(family: DeviceFamily, most: number): Promise<number> {
    return this.#store.countReady(family, most);
  }

  async #end(ending: Ending): Promise<Settled> {
    const mine = await this.#store.settle(ending.fence, toStore(ending));
    return mine ? settled(ending, this.#clock.now()) : { kind: "lost" };
  }

  #endUnreadable(fence: Fence): Promise<boolean> {
    return this.#store.settle(fence, { to: "failed", error: UNREADABLE, attemptError: UNREADABLE });
  }
}
