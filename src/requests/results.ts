import { MetergateError } from "../domain/errors.ts";
import type { Caller, RequestedOperation, RequestOutcome } from "../domain/request.ts";
import type { LogEntry, MessageLog } from "../message-log/message-log.ts";
import type { RequestsStore, StoredRequest } from "../store/requests.ts";
import { MOVES, stateAfter } from "./life-cycle.ts";
import { toRequestOutcome } from "./settle.ts";

/** Who asks for the outcome of which request. */
export interface FetchInput {
  readonly caller: Caller;
  readonly operation: RequestedOperation;
  readonly device: string;
  readonly correlationUid: string;
}

/** Whose result is to be forgotten, and the evidence of it. */
export interface DeletionInput extends Pick<FetchInput, "caller" | "correlationUid"> {
  readonly entries: readonly LogEntry[];
}

function unknown(): MetergateError {
  // The same words whether there is none or it is somebody else's: the difference is nobody else's business.
  return new MetergateError("UNKNOWN_CORRELATION_UID", "Unknown: there is no such request of this organisation.");
}

function unfinished({ state, dueMs, attempt }: StoredRequest): MetergateError {
  const now = state === "running" ? "It is running" : `It is waiting, due ${new Date(dueMs).toISOString()}`;
  const text = `The request is not finished yet. ${now}; attempts so far: ${attempt}.`;
  return new MetergateError("UNKNOWN_CORRELATION_UID", text, { context: { state, dueMs, attempt } });
}

/** Outcomes of requests that ended, for the organisation that asked. */
export class Results {
  readonly #requests: Pick<RequestsStore, "find" | "deleteFinished">;
  readonly #log: MessageLog;

  constructor(requests: Pick<RequestsStore, "find" | "deleteFinished">, log: MessageLog) {
    this.#requests = requests;
    this.#log = log;
  }

  /**
   * The outcome; as often as it is asked for, until retention has passed or it was deleted.
   * @throws MetergateError UNKNOWN_CORRELATION_UID when there is none for this organisation and device or it is not
   * finished; VALIDATION_ERROR when the request was for another operation.
   */
  async fetch({ caller, operation, device, correlationUid }: FetchInput): Promise<RequestOutcome> {
    const request = await this.#find(caller, correlationUid);
    if (request.device !== device) throw unknown();
    if (request.operation !== operation) {
      throw new MetergateError("VALIDATION_ERROR", "CorrelationUid does not match any data of the requested type.");
    }
    if (request.finishedMs === undefined) throw unfinished(request);
    // A request that ended has an outcome for each action, unless it is being deleted right now.
    if (!request.error && request.outcomes.includes(null)) throw unknown();
    return toRequestOutcome(request.operation, request.outcomes, request.error);
  }

  /**
   * Forgets the outcome. The log keeps what was said, and gets the entries in the same transaction.
   * @throws MetergateError UNKNOWN_CORRELATION_UID when there is none for this organisation or it is not finished;
   * SERVICE_BUSY: nothing was deleted then.
   */
  async deleteResponseData({ caller, correlationUid, entries }: DeletionInput): Promise<void> {
    const request = await this.#find(caller, correlationUid);
    if (stateAfter(request.state, "delete") !== MOVES.delete.to) throw unfinished(request);
    const prepared = entries.map((entry) => this.#log.prepare(entry));
    if (!(await this.#requests.deleteFinished(request.id, prepared))) throw unknown();
  }

  async #find({ organisation }: Caller, correlationUid: string): Promise<StoredRequest> {
    const request = await this.#requests.find(correlationUid);
    if (!request || request.caller.organisation !== organisation) throw unknown();
    return request;
  }
}
