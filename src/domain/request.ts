import type { CorrelationUid } from "./correlation-uid.ts";
import type { ErrorRecord } from "./errors.ts";
import type { Action, OperationName } from "./operations.ts";

/** Who sent a message, from its SOAP headers. */
export interface Caller {
  readonly organisation: string;
  readonly userName: string;
  readonly applicationName: string;
}

/** When and how eagerly a request is to run, from its SOAP headers. */
export interface Scheduling {
  /** 0 (lowest) … 9; 4 when the header is absent. */
  readonly priority: number;
  /** Not before; epoch milliseconds. */
  readonly scheduleTimeMs?: number | undefined;
  /** Not after; epoch milliseconds. */
  readonly maxScheduleTimeMs?: number | undefined;
  /** True: the first failure is final. */
  readonly bypassRetry: boolean;
  readonly responseUrl?: string | undefined;
}

/** How one action ended. */
export type ActionOutcome<R = unknown> =
  | { readonly ok: true; readonly result: R }
  | { readonly ok: false; readonly error: ErrorRecord };

/**
 * States of a request; life-cycle.ts in `requests/` has the moves.
 * `waiting`: to be run when due. `running`: leased by a worker. `succeeded` and `failed`: final, with an outcome.
 */
export type RequestState = "waiting" | "running" | "succeeded" | "failed";

/** What a request ended with: one outcome per action in their order, or one error for the whole. */
export type RequestOutcome = { readonly actions: readonly ActionOutcome[] } | { readonly error: ErrorRecord };

/** A request as the worker runs it. */
export interface ClaimedRequest {
  readonly id: number;
  readonly correlationUid: CorrelationUid;
  readonly caller: Caller;
  /** The operation that the caller named; "Bundle" style requests carry several actions. */
  readonly operation: OperationName;
  /** Device that was addressed. */
  readonly device: string;
  readonly actions: readonly Action[];
  /** Outcomes of actions that an earlier attempt finished, by position. */
  readonly finished: readonly (ActionOutcome | null)[];
  readonly scheduling: Scheduling;
  /** Counts from 1; fences every write of this run. */
  readonly attempt: number;
  /** Retries used so far. */
  readonly retries: number;
  /** Epoch milliseconds; after it the rescuer may give the request to another worker. */
  readonly leaseUntilMs: number;
}
