import type { ErrorRecord } from "../../domain/errors.ts";
import type { FailedRequest, Place, UnfinishedRequest } from "../requests.ts";
import type { RequestRow } from "./request.ts";

/** Each condition is that of an index which holds no other rows, so that finished requests cost nothing. */
export const CONDITIONS: Record<Place, string> = {
  later: "lane = 'later'",
  ready: "lane = 'ready'",
  parked: "lane = 'parked'",
  running: "state = 'running'",
};

export const PLACES = Object.keys(CONDITIONS) as Place[];

/** @param lastError what its latest attempt failed with */
export function toUnfinished(row: RequestRow, lastError: ErrorRecord | undefined): UnfinishedRequest {
  return {
    correlationUid: row.correlation_uid,
    organisation: row.organisation,
    operation: row.operation,
    device: row.device,
    routeDevice: row.route_device,
    place: row.lane ?? "running",
    priority: row.priority,
    acceptedMs: row.accepted_ms,
    dueMs: row.due_ms,
    attempt: row.attempt,
    retries: row.retries,
    worker: row.worker ?? undefined,
    claimedMs: row.claimed_ms ?? undefined,
    leaseUntilMs: row.lease_until_ms ?? undefined,
    lastError,
  };
}

export function toFailed(row: RequestRow, error: ErrorRecord | undefined): FailedRequest {
  return {
    correlationUid: row.correlation_uid,
    organisation: row.organisation,
    operation: row.operation,
    device: row.device,
    attempt: row.attempt,
    finishedMs: row.finished_ms ?? 0,
    error,
  };
}
