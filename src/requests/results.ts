import { MetergateError } from "../domain/errors.ts";
import type { Caller, RequestedOperation, RequestOutcome } from "../domain/request.ts";
import type { LogEntry, MessageLog, PreparedEntry } from "../message-log/message-log.ts";
import type { Database, Transaction } from "../store/database.ts";
import type { BatchWriter } from "../store/group-commit.ts";
import { RequestsRepository, type StoredRequest } from "../store/requests-repository.ts";
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

interface Deletion {
  readonly id: number;
  readonly entries: readonly PreparedEntry[];
}

/** Deletes results in the transaction that writes the evidence of it. */
class DeletionWriter implements BatchWriter<Deletion, undefined> {
  readonly #requests = new RequestsRepository();
  readonly #log: MessageLog;

  constructor(log: MessageLog) {
    this.#log = log;
  }

  async write(transaction: Transaction, deletions: readonly Deletion[]): Promise<readonly (undefined | Error)[]> {
    const results: (undefined | Error)[] = [];
    const entries: (readonly PreparedEntry[])[] = [];
    for (const deletion of deletions) {
      const isDeleted = await this.#requests.deleteFinished(transaction, deletion.id);
      results.push(isDeleted ? undefined : unknown());
      if (isDeleted) entries.push(deletion.entries);
    }
    await this.#log.write(transaction, entries);
    return results;
  }
}

/** Outcomes of requests that ended, for the organisation that asked. */
export class Results {
  readonly #database: Database;
  readonly #requests = new RequestsRepository();
  readonly #log: MessageLog;
  readonly #deletions: DeletionWriter;

  constructor(database: Database, log: MessageLog) {
    this.#database = database;
    this.#log = log;
    this.#deletions = new DeletionWriter(log);
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
    await this.#database.commits.submit(this.#deletions, { id: request.id, entries: prepared });
  }

  async #find({ organisation }: Caller, correlationUid: string): Promise<StoredRequest> {
    const request = await this.#requests.find(this.#database.knex, correlationUid);
    if (!request || request.caller.organisation !== organisation) throw unknown();
    return request;
  }
}
