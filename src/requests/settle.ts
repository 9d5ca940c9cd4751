import { ERROR_CATALOGUE, type ErrorRecord, isRetryable } from "../domain/errors.ts";
import {
  type ActionOutcome,
  BUNDLE,
  type ClaimedRequest,
  type RequestedOperation,
  type RequestOutcome,
} from "../domain/request.ts";
import type { Settlement } from "../store/requests.ts";
import { MOVES } from "./life-cycle.ts";

/** How often and when a failed request is tried again. */
export interface RetryPolicy {
  /** Wait before the first retry; it doubles with each further one. */
  readonly delayMs: number;
  readonly maxRetries: number;
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = { delayMs: 30_000, maxRetries: 2 };

/** How a run ended, besides the outcomes that were reported. */
export type RunEnd =
  /** The adapter returned. */
  | { readonly kind: "ran" }
  /** The device could not be reached, or the association broke. */
  | { readonly kind: "error"; readonly error: ErrorRecord }
  | { readonly kind: "snooze"; readonly delayMs: number }
  /** The worker is shutting down. */
  | { readonly kind: "release" }
  /** The worker did not extend its lease. */
  | { readonly kind: "lease-expired" };

type Outcomes = readonly (ActionOutcome | null)[];

const LEASE_EXPIRED: ErrorRecord = { code: "LEASE_EXPIRED", message: ERROR_CATALOGUE.LEASE_EXPIRED.means };

const NOT_REPORTED: ErrorRecord = { code: "INTERNAL", message: "The action was not run, and nothing said why." };

const TOO_LATE: ErrorRecord = {
  code: "MAX_SCHEDULE_TIME_EXCEEDED",
  message: ERROR_CATALOGUE.MAX_SCHEDULE_TIME_EXCEEDED.means,
};

function isRetryableFailure(outcome: ActionOutcome | null): boolean {
  return outcome !== null && !outcome.ok && isRetryable(outcome.error);
}

/** What a request ends with that had a retry coming but no time left for it: a functional error as it is. */
function tooLate(error: ErrorRecord | undefined): ErrorRecord {
  if (!error) return TOO_LATE;
  if (ERROR_CATALOGUE[error.code].fault !== null) return error;
  return { ...TOO_LATE, message: `${TOO_LATE.message} Its last attempt ended with ${error.code}: ${error.message}` };
}

/** The end of a request. `error` stands for every action that has no outcome, and for the whole when none has one. */
function end(outcomes: Outcomes, error: ErrorRecord | undefined, attemptError: ErrorRecord | undefined): Settlement {
  if (error && outcomes.every((outcome) => outcome === null)) return { to: MOVES.fail.to, error, attemptError };
  const filled = outcomes.map((outcome) => outcome ?? { ok: false as const, error: error ?? NOT_REPORTED });
  const failure = filled.find((outcome) => !outcome.ok);
  if (!failure) return { to: MOVES.succeed.to, outcomes: filled };
  return {
    to: MOVES.fail.to,
    outcomes: filled,
    attemptError: attemptError ?? (failure.ok ? undefined : failure.error),
  };
}

/** Ends a request for which there is no time left; what failed for now gets no other chance. */
function endLate(outcomes: Outcomes, error: ErrorRecord | undefined): Settlement {
  const final = outcomes.map((outcome) =>
    outcome !== null && !outcome.ok && isRetryable(outcome.error)
      ? { ok: false as const, error: tooLate(outcome.error) }
      : outcome,
  );
  return end(final, tooLate(error), error);
}

function retryOrEnd(
  request: ClaimedRequest,
  outcomes: Outcomes,
  cause: { readonly error: ErrorRecord; readonly delayMs: number; readonly whole: boolean },
  policy: RetryPolicy,
  nowMs: number,
): Settlement {
  const { error, delayMs, whole } = cause;
  const { bypassRetry, maxScheduleTimeMs = Number.POSITIVE_INFINITY, priority } = request.scheduling;
  const allowed = isRetryable(error) && !bypassRetry && request.retries < policy.maxRetries;
  if (!allowed) return end(outcomes, whole ? error : undefined, error);
  if (nowMs + delayMs > maxScheduleTimeMs) return endLate(outcomes, whole ? error : undefined);
  const retries = request.retries + 1;
  return {
    to: MOVES.retry.to,
    ending: "retried",
    dueMs: nowMs + delayMs,
    retries,
    priority: Math.max(0, priority - (retries % 2 === 0 ? 1 : 0)),
    forget: [...outcomes.keys()].filter((position) => isRetryableFailure(outcomes[position] ?? null)),
    attemptError: error,
  };
}

/**
 * Decides how a run leaves its request. A retry runs what is missing and what failed for now; snooze and release only
 * what is missing.
 * @param outcomes what is stored for its actions now, by position
 */
export function decideEnd(
  request: ClaimedRequest,
  outcomes: Outcomes,
  runEnd: RunEnd,
  policy: RetryPolicy,
  nowMs: number,
): Settlement {
  const { scheduling, retries } = request;
  const { priority, maxScheduleTimeMs = Number.POSITIVE_INFINITY } = scheduling;
  const delayMs = policy.delayMs * 2 ** retries;
  // When all is done, it does not matter any more how the run ended: a broken association takes nothing back.
  const decisive: RunEnd = outcomes.includes(null) ? runEnd : { kind: "ran" };
  switch (decisive.kind) {
    case "release":
      return { to: MOVES.release.to, ending: "released", dueMs: nowMs, priority, retries };
    case "snooze": {
      const dueMs = nowMs + decisive.delayMs;
      if (dueMs > maxScheduleTimeMs) return endLate(outcomes, undefined);
      return { to: MOVES.snooze.to, ending: "snoozed", dueMs, priority, retries };
    }
    case "lease-expired":
      // The lease's length was delay enough.
      return retryOrEnd(request, outcomes, { error: LEASE_EXPIRED, delayMs: 0, whole: true }, policy, nowMs);
    case "error":
      return retryOrEnd(request, outcomes, { error: decisive.error, delayMs, whole: true }, policy, nowMs);
    case "ran":
  }
  if (outcomes.includes(null) && nowMs > maxScheduleTimeMs) return endLate(outcomes, undefined);
  const failure = outcomes.find(isRetryableFailure);
  if (!failure || failure.ok) return end(outcomes, undefined, undefined);
  return retryOrEnd(request, outcomes, { error: failure.error, delayMs, whole: false }, policy, nowMs);
}

/** How a waiting request ends whose MaxScheduleTime has passed. `lastError`: what its latest attempt failed with. */
export function decideLateEnd({ outcomes }: ClaimedRequest, lastError: ErrorRecord | undefined): Settlement {
  return endLate(outcomes, lastError);
}

/** What a caller gets to see of a request that ended. */
export function toRequestOutcome(
  operation: RequestedOperation,
  outcomes: Outcomes,
  error: ErrorRecord | undefined,
): RequestOutcome {
  if (error) return { error };
  const actions = outcomes.map((outcome) => outcome ?? { ok: false as const, error: NOT_REPORTED });
  const [first] = actions;
  return operation !== BUNDLE && first && !first.ok ? { error: first.error } : { actions };
}
