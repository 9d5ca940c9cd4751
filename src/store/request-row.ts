import type { ErrorCode, ErrorRecord } from "../domain/errors.ts";
import type {
  Action,
  ActionOutcome,
  ClaimedRequest,
  RequestedOperation,
  RequestState,
  Scheduling,
} from "../domain/request.ts";

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

export function toScheduling(row: RequestRow): Scheduling {
  return {
    priority: row.priority,
    maxScheduleTimeMs: row.max_schedule_time_ms ?? undefined,
    bypassRetry: row.bypass_retry === 1,
    responseUrl: row.response_url ?? undefined,
  };
}

/** The outcomes of a request by position, null where an action has none. */
export function toOutcomes(row: RequestRow, outcomes: readonly OutcomeRow[]): (ActionOutcome | null)[] {
  const byPosition = new Array<ActionOutcome | null>(row.action_count).fill(null);
  for (const { position, outcome } of outcomes) byPosition[position] = JSON.parse(outcome) as ActionOutcome;
  return byPosition;
}

export function toError(row: { error_code: ErrorCode | null; error_message: string | null }): ErrorRecord | undefined {
  return row.error_code === null ? undefined : { code: row.error_code, message: row.error_message ?? "" };
}

/** A request as it stands, with the outcomes that are stored for it. */
export function toRequest(row: RequestRow, outcomes: readonly OutcomeRow[]): ClaimedRequest {
  return {
    id: row.id,
    correlationUid: row.correlation_uid,
    caller: { organisation: row.organisation, userName: row.user_name, applicationName: row.application },
    operation: row.operation,
    device: row.device,
    routeDevice: row.route_device,
    actions: JSON.parse(row.actions) as Action[],
    outcomes: toOutcomes(row, outcomes),
    scheduling: toScheduling(row),
    attempt: row.attempt,
    retries: row.retries,
    leaseUntilMs: row.lease_until_ms ?? 0,
  };
}
