import type { Knex } from "knex";
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
import { insertRows } from "./insert-rows.ts";
import { type OutcomeRow, type RequestRow, toError, toRequest } from "./request-row.ts";

/** A request that was accepted and is now to be made durable. */
export interface NewRequest {
  readonly correlationUid: string;
  readonly caller: Caller;
  readonly operation: RequestedOperation;
  readonly device: string;
  readonly routeDevice: string;
  /** Whether any of its actions changes something: then it keeps its order among the others of its devices that do. */
  readonly writes: boolean;
  readonly actions: readonly Action[];
  /** Actions that have their answer already, by position; null or absent for those that are to run. */
  readonly outcomes?: readonly (ActionOutcome | null)[] | undefined;
  readonly scheduling: Scheduling;
  /** Epoch milliseconds. */
  readonly acceptedMs: number;
}

/** A message id that a caller gave, and what came with it. */
export interface MessageId {
  readonly organisation: string;
  readonly messageId: string;
  /** Lower-case hexadecimal SHA-256 of the message. */
  readonly bodySha256: string;
  readonly correlationUid: string;
}

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

/** One run of a request that ended. Times in epoch milliseconds. */
export interface StoredAttempt {
  readonly attempt: number;
  readonly worker: string;
  readonly claimedMs: number;
  readonly endedMs: number;
  readonly ending: "succeeded" | "failed" | "retried" | "snoozed" | "released";
  readonly error?: ErrorRecord | undefined;
}

const REQUEST_COLUMNS = [
  "correlation_uid",
  "organisation",
  "user_name",
  "application",
  "operation",
  "device",
  "route_device",
  "writes",
  "actions",
  "action_count",
  "priority",
  "max_schedule_time_ms",
  "bypass_retry",
  "response_url",
  "accepted_ms",
  "state",
  "lane",
  "due_ms",
];

function toValues(request: NewRequest): (string | number | null)[] {
  const { caller, scheduling, acceptedMs } = request;
  const dueMs = Math.max(acceptedMs, scheduling.scheduleTimeMs ?? acceptedMs);
  return [
    request.correlationUid,
    caller.organisation,
    caller.userName,
    caller.applicationName,
    request.operation,
    request.device,
    request.routeDevice,
    request.writes ? 1 : 0,
    JSON.stringify(request.actions),
    request.actions.length,
    scheduling.priority,
    scheduling.maxScheduleTimeMs ?? null,
    scheduling.bypassRetry ? 1 : 0,
    scheduling.responseUrl ?? null,
    acceptedMs,
    "waiting",
    dueMs <= acceptedMs ? "ready" : "later",
    dueMs,
  ];
}

/** Writes requests down and finds them again; how they run is in `runs-repository.ts`. */
export class RequestsRepository {
  /** Inserts requests in state `waiting`. */
  async insert(transaction: Knex, requests: readonly NewRequest[]): Promise<void> {
    await insertRows(transaction, "request", REQUEST_COLUMNS, requests.map(toValues));
    for (const { correlationUid, outcomes = [] } of requests) {
      if (outcomes.some((outcome) => outcome !== null))
        await this.#insertOutcomes(transaction, correlationUid, outcomes);
    }
  }

  async #insertOutcomes(transaction: Knex, correlationUid: string, outcomes: readonly (ActionOutcome | null)[]) {
    const { id } = await transaction("request").select("id").where({ correlation_uid: correlationUid }).first();
    const rows = [...outcomes.entries()]
      .filter(([, outcome]) => outcome !== null)
      .map(([position, outcome]) => [id, position, JSON.stringify(outcome), 0]);
    await insertRows(transaction, "request_action", ["request_id", "position", "outcome", "attempt"], rows);
  }

  /** The given message ids that were used before. */
  async findMessageIds(
    transaction: Knex,
    ids: readonly { readonly organisation: string; readonly messageId: string }[],
  ): Promise<MessageId[]> {
    const found: MessageId[] = [];
    for (const { organisation, messageId } of ids) {
      const row = await transaction("request_message_id").where({ organisation, message_id: messageId }).first();
      if (!row) continue;
      found.push({ organisation, messageId, bodySha256: row.body_sha256, correlationUid: row.correlation_uid });
    }
    return found;
  }

  async insertMessageIds(transaction: Knex, ids: readonly MessageId[], nowMs: number): Promise<void> {
    const columns = ["organisation", "message_id", "body_sha256", "correlation_uid", "accepted_ms"];
    const rows = ids.map((id) => [id.organisation, id.messageId, id.bodySha256, id.correlationUid, nowMs]);
    await insertRows(transaction, "request_message_id", columns, rows);
  }

  async find(knex: Knex, correlationUid: string): Promise<StoredRequest | undefined> {
    const row: RequestRow | undefined = await knex("request").where({ correlation_uid: correlationUid }).first();
    if (!row) return undefined;
    const outcomes: OutcomeRow[] = await knex("request_action").where({ request_id: row.id });
    return {
      ...toRequest(row, outcomes),
      state: row.state,
      dueMs: row.due_ms,
      acceptedMs: row.accepted_ms,
      finishedMs: row.finished_ms ?? undefined,
      error: toError(row),
    };
  }

  /** The attempts of a request that ended, first one first. */
  async findAttempts(knex: Knex, requestId: number): Promise<StoredAttempt[]> {
    const rows = await knex("request_attempt").where({ request_id: requestId }).orderBy("attempt");
    return rows.map((row) => ({
      attempt: row.attempt,
      worker: row.worker,
      claimedMs: row.claimed_ms,
      endedMs: row.ended_ms,
      ending: row.ending,
      error: toError(row),
    }));
  }

  /** Forgets a request that ended; its message id stays used. False when there is no such request. */
  async deleteFinished(transaction: Knex, id: number): Promise<boolean> {
    return (await transaction("request").where({ id }).whereNotNull("finished_ms").delete()) > 0;
  }

  /** Forgets requests that ended, and message ids that were used, before `beforeMs`; at most `limit` of each. */
  async purge(transaction: Knex, beforeMs: number, limit: number): Promise<{ requests: number; more: boolean }> {
    const old = transaction("request").select("id").where("finished_ms", "<", beforeMs).limit(limit);
    const requests = await transaction("request").whereIn("id", old).delete();
    const used: { organisation: string; message_id: string }[] = await transaction("request_message_id")
      .select("organisation", "message_id")
      .where("accepted_ms", "<", beforeMs)
      .limit(limit);
    for (const key of used) await transaction("request_message_id").where(key).delete();
    return { requests, more: requests === limit || used.length === limit };
  }
}
