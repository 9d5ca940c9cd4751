import type { DeviceFamily } from "../domain/device.ts";
import type { ErrorRecord } from "../domain/errors.ts";
import type {
  Action,
  ActionOutcome,
  Caller,
  ClaimedRequest,
  RequestedOperation,
  RequestState,
  Scheduling,
} from "../domain/request.ts";
import type { NewLogEntry } from "./message-log.ts";

/** A request that was accepted and is now to be made durable. */
export interface NewRequest {
  readonly correlationUid: string;
  readonly caller: Caller;
  readonly operation: RequestedOperation;
  readonly device: string;
  readonly routeDevice: string;
  /** Of the device to connect to; `platform` when none is. Each family has places of its own with a worker. */
  readonly family: DeviceFamily;
  /** Whether any of its actions changes something: then it keeps its order among the others of its devices that do. */
  readonly writes: boolean;
  readonly actions: readonly Action[];
  /** Actions that have their answer already, by position; null or absent for those that are to run. */
  readonly outcomes?: readonly (ActionOutcome | null)[] | undefined;
  readonly scheduling: Scheduling;
  /** Epoch milliseconds. */
  readonly acceptedMs: number;
}

/** A request on its way in, with the evidence of it. */
export interface Acceptance {
  readonly request: NewRequest;
  /** Id that the caller gave the message, and the lower-case hexadecimal SHA-256 of what came with it. */
  readonly message?: { readonly id: string; readonly bodySha256: string } | undefined;
  /** Written in the same transaction, next to each other. */
  readonly entries: readonly NewLogEntry[];
}

/** What became of it. Only `accepted` wrote anything. */
export type AcceptResult =
  | { readonly kind: "accepted" }
  /** The same message came before, and is this request. */
  | { readonly kind: "repeated"; readonly correlationUid: string }
  /** Another message came before with this id. */
  | { readonly kind: "conflict" };

/** A request with all that is stored about it. */
export interface StoredRequest extends ClaimedRequest {
  readonly state: RequestState;
  /** Epoch milliseconds from which a waiting request may run. */
  readonly dueMs: number;
  readonly acceptedMs: number;
  readonly finishedMs?: number | undefined;
  /** Set when the request failed as a whole. */
  readonly error?: ErrorRecord | undefined;
}

/** A request without what its actions ended with, which may be many times as large. */
export type RequestSummary = Omit<StoredRequest, "outcomes">;

/** What an action ended with, and which. */
export interface PlacedOutcome {
  readonly position: number;
  readonly outcome: ActionOutcome;
}

/** One run of a request that ended. Times in epoch milliseconds. */
export interface StoredAttempt {
  readonly attempt: number;
  readonly worker: string;
  readonly claimedMs: number;
  readonly endedMs: number;
  readonly ending: "succeeded" | "failed" | "retried" | "snoozed" | "released";
  readonly error?: ErrorRecord | undefined;
}

/** How a worker wants to claim. */
export interface ClaimOrder {
  readonly worker: string;
  readonly leaseMs: number;
  /** Most requests to claim; 0 just looks what is overdue and when something falls due. */
  readonly limit: number;
  /** Most of a family, for those of which it is fewer. */
  readonly perFamily?: Readonly<Record<DeviceFamily, number>> | undefined;
}

/** A request whose row makes no sense: it ended as a fault of its own, and whoever looks after the service is told. */
export interface UnreadableRequest {
  readonly correlationUid: string;
  readonly device: string;
}

export interface Claim {
  /** In the order in which they are to begin; at most one per device to connect to. */
  readonly requests: readonly ClaimedRequest[];
  readonly unreadable: readonly UnreadableRequest[];
  /** Waiting requests whose MaxScheduleTime has passed, some at a time; none of them is claimed. They are to be ended. */
  readonly overdue: readonly OverdueRequest[];
  /** True when there may be more to claim, or to end, right now. */
  readonly more: boolean;
  /** Milliseconds until something happens by the passing of time alone; undefined when nothing will. */
  readonly untilNextEventMs: number | undefined;
}

/** One attempt at a request: what a lease is on. */
export interface Attempt {
  readonly id: number;
  readonly attempt: number;
}

/**
 * What a write needs to be let through: the request is still in this state and no other attempt began. Otherwise the
 * writer lost its lease meanwhile, and what it brings is too late.
 */
export interface Fence extends Attempt {
  readonly state: "waiting" | "running";
}

/** Who runs a request, and until when it is theirs if nobody hears of them. */
export interface StoredLease extends Attempt {
  readonly worker: string;
  /** Epoch milliseconds of the store's time; grows with each renewal, also when the wall clock stepped back. */
  readonly leaseUntilMs: number;
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

/** A request that waited past its MaxScheduleTime. */
export interface OverdueRequest {
  readonly fence: Fence;
  /** Undefined when its row makes no sense: it can only be ended. */
  readonly request: ClaimedRequest | undefined;
  /** What its latest attempt failed with. */
  readonly lastError: ErrorRecord | undefined;
}

/** Where an unfinished request stands: before its due time, in line, behind one of its device, or with a worker. */
export type Place = "later" | "ready" | "parked" | "running";

/** How many requests stand where, and since when the longest one could have run (epoch milliseconds). */
export type UnfinishedCounts = Record<Place, number> & { readonly oldestReadyDueMs: number | undefined };

/** An unfinished request as an operator looks at it. Times in epoch milliseconds. */
export interface UnfinishedRequest {
  readonly correlationUid: string;
  readonly organisation: string;
  readonly operation: RequestedOperation;
  readonly device: string;
  readonly routeDevice: string;
  readonly place: Place;
  readonly priority: number;
  readonly acceptedMs: number;
  readonly dueMs: number;
  readonly attempt: number;
  readonly retries: number;
  readonly worker: string | undefined;
  readonly claimedMs: number | undefined;
  readonly leaseUntilMs: number | undefined;
  /** What its latest attempt failed with. */
  readonly lastError: ErrorRecord | undefined;
}

/** A request that failed, as an operator looks at it. */
export interface FailedRequest {
  readonly correlationUid: string;
  readonly organisation: string;
  readonly operation: RequestedOperation;
  readonly device: string;
  readonly attempt: number;
  readonly finishedMs: number;
  /** Of the whole request or, when an action failed, of its last attempt. */
  readonly error: ErrorRecord | undefined;
}

/**
 * Requests and how they run. Every write is durable when its promise resolves; those that are submitted at the same
 * time share a transaction, and what one of them is refused for does not touch the others. Whether a lease holds and
 * what is due is judged by the store's time.
 */
export interface RequestsStore {
  /** Writes a request down together with its message id and its log entries. */
  accept(acceptance: Acceptance): Promise<AcceptResult>;
  /**
   * Leases requests that are due to a worker, and tells all that it needs to know for its next look. Organisations take turns, whatever their priorities; the request whose
   * turn it is is the organisation's most urgent one, then its oldest. Of those that write to a device, addressed or connected to, one at a time
   * is begun, and the next one not before it has ended, however often it is put back.
   */
  claim(order: ClaimOrder): Promise<Claim>;
  /** Stores what actions ended with, in place of what an earlier attempt stored. False: not the caller's any more. */
  report(attempt: Attempt, outcomes: readonly PlacedOutcome[]): Promise<boolean>;
  /**
   * Stores what later attempts have to know about an action, in place of what was stored before; it goes with the request.
   * False: not the caller's any more.
   */
  note(attempt: Attempt, position: number, note: object): Promise<boolean>;
  /** What was last noted about an action, by whichever attempt. */
  noted(id: number, position: number): Promise<object | undefined>;
  /**
   * Moves a request on and lets the next one of its device into line; one write for outcomes and end.
   * @param entries of the message log that belong to the end, in the same transaction
   * @returns false when the request is not as the fence says; nothing was written then
   */
  settle(fence: Fence, settlement: Settlement, entries?: readonly NewLogEntry[]): Promise<boolean>;
  /** Gives a lease a new end, always later than the one before. False: it has gone to another attempt. */
  extendLease(attempt: Attempt, leaseMs: number): Promise<boolean>;
  /** Gives a request that waits for its time another one. False: that attempt does not wait any more. */
  reschedule(attempt: Attempt, dueMs: number): Promise<boolean>;
  /** Who runs what now, whether or not it still lives. */
  leases(): Promise<StoredLease[]>;
  /**
   * The request as its attempt runs it; undefined when that attempt does not run it any more.
   * @throws StoreError ROW_UNREADABLE
   */
  findRunning(attempt: Attempt): Promise<ClaimedRequest | undefined>;
  /** How many requests of a family are next to be claimed, counted up to `most`. */
  countReady(family: DeviceFamily, most: number): Promise<number>;
  /** How many requests of an organisation wait for whatever reason, counted up to `most`. */
  countWaiting(organisation: string, most: number): Promise<number>;
  /** @throws StoreError ROW_UNREADABLE */
  find(correlationUid: string): Promise<StoredRequest | undefined>;
  /** @throws StoreError ROW_UNREADABLE */
  summary(correlationUid: string): Promise<RequestSummary | undefined>;
  /** Some of what the actions of a request ended with, in their order, beginning at a position; empty at the end. */
  outcomes(id: number, fromPosition: number): Promise<PlacedOutcome[]>;
  /** The attempts of a request that ended, first one first. */
  attempts(id: number): Promise<StoredAttempt[]>;
  /**
   * Forgets a request that ended, with evidence of it; its message id stays used until retention.
   * @returns false when there is no such request; nothing was written then
   */
  deleteFinished(id: number, entries: readonly NewLogEntry[]): Promise<boolean>;
  /**
   * Forgets requests that ended before a time, and message ids that were used before it and whose request is gone; at
   * most `limit` of each.
   */
  purge(beforeMs: number, limit: number): Promise<{ readonly requests: number; readonly more: boolean }>;
  countUnfinished(): Promise<UnfinishedCounts>;
  /** What is not finished, oldest first: what hangs is on top. */
  listUnfinished(limit: number): Promise<UnfinishedRequest[]>;
  /** What failed, latest first. */
  listFailed(limit: number): Promise<FailedRequest[]>;
}
