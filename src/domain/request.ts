import type { CorrelationUid } from "./correlation-uid.ts";
import type { DeviceFamily } from "./device.ts";
import type { ErrorRecord } from "./errors.ts";

/** Name of an operation in the contract; `operations/` has them. */
export type OperationName = string;

/** Name of the operation whose actions are other operations. */
export const BUNDLE = "Bundle";

/** What a caller asked for: one operation, or `Bundle` for several as its actions. */
export type RequestedOperation = OperationName;

/** One thing to do. Plain data, which JSON keeps, in our words; those of the wire are in `contract/`. */
export interface Action {
  readonly operation: OperationName;
  /** Version of what is stored in `request`; absent for the first. */
  readonly version?: number | undefined;
  /** The device that it is about; absent when that is the one that the request names. */
  readonly device?: string | undefined;
  readonly request: object;
}

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
 * `waiting`: to be run when due. `running`: leased by a worker. `succeeded`: ended, and every action did what it was asked. `failed`: ended, and something failed; see the outcome.
 */
export type RequestState = "waiting" | "running" | "succeeded" | "failed";

/**
 * What a request ended with: one outcome per action in their order, or one error for the whole. A request that is no
 * bundle and whose action failed ends with that action's error.
 */
export type RequestOutcome = { readonly actions: readonly ActionOutcome[] } | { readonly error: ErrorRecord };

/** A request that ended. */
export interface FinishedRequest {
  readonly correlationUid: CorrelationUid;
  readonly caller: Caller;
  readonly operation: RequestedOperation;
  readonly device: string;
  readonly responseUrl?: string | undefined;
  readonly state: Extract<RequestState, "succeeded" | "failed">;
  readonly outcome: RequestOutcome;
  /** Epoch milliseconds. */
  readonly finishedMs: number;
}

/** A request as the worker runs it. */
export interface ClaimedRequest {
  readonly id: number;
  readonly correlationUid: CorrelationUid;
  readonly caller: Caller;
  readonly operation: RequestedOperation;
  /** Device that was addressed. */
  readonly device: string;
  /** Device to connect to: the addressed one, or the electricity meter in front of an M-Bus device. */
  readonly routeDevice: string;
  /** Of the device to connect to; `platform` when none is. */
  readonly family: DeviceFamily;
  readonly actions: readonly Action[];
  /** Outcomes that were stored so far, by position; null where there is none yet. */
  readonly outcomes: readonly (ActionOutcome | null)[];
  readonly scheduling: Scheduling;
  /** Counts from 1; fences every write of this run. */
  readonly attempt: number;
  /** Retries used so far. */
  readonly retries: number;
  /** Epoch milliseconds; after it the rescuer may give the request to another worker. */
  readonly leaseUntilMs: number;
}
