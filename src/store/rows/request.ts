import type { ErrorCode, ErrorRecord } from "../../domain/errors.ts";
import type {
  Action,
  ActionOutcome,
  ClaimedRequest,
  RequestedOperation,
  RequestState,
  Scheduling,
} from "../../domain/request.ts";
import { groupBy } from "../../lib/group-by.ts";
import { StoreError } from "../errors.ts";

/** A row of `request`; see the migration for what its columns mean. */
export interface RequestRow {
  readonly id: number;
  readonly correlation_uid: string;
  readonly organisation: string;
  readonly user_name: string;
  readonly application: string;
  readonly operation: RequestedOperation;
  readonly device: string;
  readonly route_device: string;
  readonly family: string;
  readonly writes: number;
  readonly actions: string;
  readonly action_count: number;
  readonly priority: number;
  readonly max_schedule_time_ms: number | null;
  readonly bypass_retry: number;
  readonly response_url: string | null;
  readonly accepted_ms: number;
  readonly state: RequestState;
  readonly lane: "later" | "ready" | "parked" | null;
  readonly due_ms: number;
  readonly attempt: number;
  readonly retries: number;
  readonly worker: string | null;
  readonly claimed_ms: number | null;
  readonly lease_until_ms: number | null;
  readonly finished_ms: number | null;
  readonly error_code: ErrorCode | null;
  readonly error_message: string | null;
}

/** A row of `request_action`. */
export interface OutcomeRow {
  readonly request_id: number;
  readonly position: number;
  readonly outcome: string;
}

/** A row of `request_attempt`. */
export interface AttemptRow {
  readonly attempt: number;
  readonly worker: string;
  readonly claimed_ms: number;
  readonly ended_ms: number;
  readonly ending: "succeeded" | "failed" | "retried" | "snoozed" | "released";
  readonly error_code: ErrorCode | null;
  readonly error_message: string | null;
}

function toScheduling(row: RequestRow): Scheduling {
  return {
    priority: row.priority,
    maxScheduleTimeMs: row.max_schedule_time_ms ?? undefined,
    bypassRetry: row.bypass_retry === 1,
    responseUrl: row.response_url ?? undefined,
  };
}

/** The outcomes of a request by position, null where an action has none. */
function toOutcomes(row: RequestRow, outcomes: readonly OutcomeRow[]): (ActionOutcome | null)[] {
  const byPosition = new Array<ActionOutcome | null>(row.action_count).fill(null);
  for (const { position, outcome } of outcomes) byPosition[position] = JSON.parse(outcome) as ActionOutcome;
  return byPosition;
}

export function toError(row: { error_code: ErrorCode | null; error_message: string | null }): ErrorRecord | undefined {
  return row.error_code === null ? undefined : { code: row.error_code, message: row.error_message ?? "" };
}

function parseActions(row: RequestRow): readonly Action[] {
  const actions: unknown = JSON.parse(row.actions);
  const known = Array.isArray(actions) && actions.every((action) => typeof action?.operation === "string");
  if (!known || actions.length !== row.action_count) throw new StoreError("ROW_UNREADABLE", "they are no actions");
  return actions as readonly Action[];
}

/**
 * A request as it stands, with the outcomes that are stored for it.
 * @throws StoreError ROW_UNREADABLE
 */
export function toRequest(row: RequestRow, outcomes: readonly OutcomeRow[]): ClaimedRequest {
  try {
    return {
      id: row.id,
      correlationUid: row.correlation_uid,
      caller: { organisation: row.organisation, userName: row.user_name, applicationName: row.application },
      operation: row.operation,
      device: row.device,
      routeDevice: row.route_device,
      family: row.family,
      actions: parseActions(row),
      outcomes: toOutcomes(row, outcomes),
      scheduling: toScheduling(row),
      attempt: row.attempt,
      retries: row.retries,
      leaseUntilMs: row.lease_until_ms ?? 0,
    };
  } catch (cause) {
    throw new StoreError("ROW_UNREADABLE", `the stored request ${row.correlation_uid} cannot be read`, cause);
  }
}

/** Rows in their order, each with what is stored for it; `undefined` in place of one that makes no sense. */
export function withOutcomes(
  rows: readonly RequestRow[],
  outcomes: readonly OutcomeRow[],
): { readonly row: RequestRow; readonly request: ClaimedRequest | undefined }[] {
  const byRequest = groupBy(outcomes, (outcome) => outcome.request_id);
  return rows.map((row) => {
    try {
      return { row, request: toRequest(row, byRequest.get(row.id) ?? []) };
    } catch {
      return { row, request: undefined };
    }
  });
}
