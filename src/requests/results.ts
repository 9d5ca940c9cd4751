import { MetergateError } from "../domain/errors.ts";
import { type Action, BUNDLE, type Caller, type RequestedOperation, type RequestOutcome } from "../domain/request.ts";
import type { LogEntry, MessageLog } from "../message-log/message-log.ts";
import type { PlacedOutcome, RequestSummary, RequestsStore } from "../store/requests.ts";
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

/** What a bundle ended with. */
export interface BundleResult {
  readonly actions: readonly Action[];
  /**
   * One for each action, in order.
   * @throws MetergateError UNKNOWN_CORRELATION_UID when the result is deleted meanwhile
   */
  readonly outcomes: AsyncIterable<PlacedOutcome>;
}

type Stored = Pick<RequestsStore, "summary" | "outcomes" | "deleteFinished">;

function unknown(): MetergateError {
  // The same words whether there is none or it is somebody else's: the difference is nobody else's business.
  return new MetergateError("UNKNOWN_CORRELATION_UID", "Unknown: there is no such request of this organisation.");
}

function unfinished({ state, dueMs, attempt }: RequestSummary): MetergateError {
  const now = state === "running" ? "It is running" : `It is waiting, due ${new Date(dueMs).toISOString()}`;
  const text = `The request is not finished yet. ${now}; attempts so far: ${attempt}.`;
  return new MetergateError("UNKNOWN_CORRELATION_UID", text, { context: { state, dueMs, attempt } });
}

/** Outcomes of requests that ended, for the organisation that asked. */
export class Results {
  readonly #requests: Stored;
  readonly #log: MessageLog;

  constructor(requests: Stored, log: MessageLog) {
    this.#requests = requests;
    this.#log = log;
  }

  /**
   * The outcome; as often as it is asked for, until retention has passed or it was deleted.
   * @throws MetergateError UNKNOWN_CORRELATION_UID when there is none for this organisation and device or it is not
   * finished; VALIDATION_ERROR when the request was for another operation.
   */
  async fetch(input: FetchInput): Promise<RequestOutcome> {
    const { id, operation, actions, error } = this.#requireFinished(input, await this.#find(input));
    if (error) return { error };
    const placed: PlacedOutcome[] = [];
    for await (const one of this.#outcomes(id, actions.length)) placed.push(one);
    return toRequestOutcome(
      operation,
      placed.map(({ outcome }) => outcome),
      undefined,
    );
  }

  #requireFinished({ operation, device }: FetchInput, request: RequestSummary): RequestSummary {
    if (request.device !== device) throw unknown();
    if (request.operation !== operation) {
      throw new MetergateError("VALIDATION_ERROR", "CorrelationUid does not match any data of the requested type.");
    }
    if (request.finishedMs === undefined) throw unfinished(request);
    return request;
  }

  /**
   * The outcomes of a bundle one by one, in the order of its actions; only a few of them are in memory at a time.
   * @throws MetergateError as `fetch`, and the error of a bundle that failed as a whole
   */
  async fetchBundle(input: Omit<FetchInput, "operation">): Promise<BundleResult> {
    const { id, actions, error } = this.#requireFinished({ ...input, operation: BUNDLE }, await this.#find(input));
    if (error) throw new MetergateError(error.code, error.message);
    return { actions, outcomes: this.#outcomes(id, actions.length) };
  }

  async *#outcomes(id: number, count: number): AsyncGenerator<PlacedOutcome> {
    for (let next = 0; next < count; ) {
      const some = await this.#requests.outcomes(id, next);
      // It is being deleted right now.
      if (some.length === 0) throw unknown();
      yield* some;
      next += some.length;
    }
  }

  /**
   * Forgets the outcome. The log keeps what was said, and gets the entries in the same transaction.
   * @throws MetergateError UNKNOWN_CORRELATION_UID when there is none for this organisation or it is not finished;
   * SERVICE_BUSY: nothing was deleted then.
   */
  async deleteResponseData({ caller, correlationUid, entries }: DeletionInput): Promise<void> {
    const request = await this.#find({ caller, correlationUid });
    if (stateAfter(request.state, "delete") !== MOVES.delete.to) throw unfinished(request);
    const prepared = entries.map((entry) => this.#log.prepare(entry));
    if (!(await this.#requests.deleteFinished(request.id, prepared))) throw unknown();
  }

  async #find({ caller, correlationUid }: Pick<FetchInput, "caller" | "correlationUid">): Promise<RequestSummary> {
    const request = await this.#requests.summary(correlationUid);
    if (!request || request.caller.organisation !== caller.organisation) throw unknown();
    return request;
  }
}
