import { MetergateError } from "../domain/errors.ts";
import type { Clock } from "../lib/clock.ts";
import type { MessageLog, PreparedEntry } from "../message-log/message-log.ts";
import type { Transaction } from "../store/database.ts";
import type { BatchWriter } from "../store/group-commit.ts";
import { type MessageId, type NewRequest, RequestsRepository } from "../store/requests-repository.ts";
import type { Accepted, AcceptInput } from "./accept.ts";

/** The answer that goes out, and the log's entries for question and answer. */
export interface Answer extends Accepted {
  readonly entries: readonly PreparedEntry[];
}

/** A checked request on its way into the store. */
export interface AcceptItem {
  readonly request: NewRequest;
  readonly messageId: string | undefined;
  /** Lower-case hexadecimal SHA-256 of the message; not looked at without a message id. */
  readonly bodySha256: string;
  /** The answer if the message is a new one: made before the transaction, which others wait for. */
  readonly answer: Answer;
  /** Makes the answer to a message that came before. */
  answerAgain(correlationUid: string): Answer;
}

function keyOf(organisation: string, messageId: string): string {
  return JSON.stringify([organisation, messageId]);
}

/** What a batch adds to the store. */
interface Additions {
  readonly requests: NewRequest[];
  readonly messageIds: MessageId[];
  readonly entries: (readonly PreparedEntry[])[];
}

/** Writes accepted requests, the message ids they used and their log entries in one transaction. */
export class AcceptWriter implements BatchWriter<AcceptItem, Accepted> {
  readonly #requests = new RequestsRepository();
  readonly #log: MessageLog;
  readonly #clock: Clock;

  constructor(log: MessageLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Makes the answer and prepares the two log entries. */
  answer(input: AcceptInput, correlationUid: string): Answer {
    const { caller, operation, device, message } = input;
    const response = input.respond(correlationUid);
    const common = { service: message.service, operation, caller, device, correlationUid };
    const { bytes, redacted } = message;
    const entries = [
      this.#log.prepare({ ...common, direction: "in", body: bytes, redacted }),
      this.#log.prepare({ ...common, direction: "out", body: response }),
    ];
    return { correlationUid, response, entries };
  }

  async write(transaction: Transaction, items: readonly AcceptItem[]): Promise<readonly (Accepted | Error)[]> {
    const known = await this.#findKnown(transaction, items);
    const additions: Additions = { requests: [], messageIds: [], entries: [] };
    const results = items.map((item) => {
      try {
        return this.#add(item, known, additions);
      } catch (thrown) {
        return thrown instanceof Error ? thrown : new MetergateError("INTERNAL", "The answer could not be made.");
      }
    });
    await this.#requests.insert(transaction, additions.requests);
    await this.#requests.insertMessageIds(transaction, additions.messageIds, this.#clock.now());
    await this.#log.write(transaction, additions.entries);
    return results;
  }

  async #findKnown(transaction: Transaction, items: readonly AcceptItem[]): Promise<Map<string, MessageId>> {
    const ids = items.flatMap(({ request, messageId }) =>
      messageId === undefined ? [] : [{ organisation: request.caller.organisation, messageId }],
    );
    const found = await this.#requests.findMessageIds(transaction, ids);
    return new Map(found.map((id) => [keyOf(id.organisation, id.messageId), id]));
  }

  /** Sorts one item out: new, repeated, or refused. What it adds is known to the items after it. */
  #add(item: AcceptItem, known: Map<string, MessageId>, additions: Additions): Accepted {
    const { request, messageId, bodySha256 } = item;
    const { organisation } = request.caller;
    const { correlationUid } = request;
    const earlier = messageId === undefined ? undefined : known.get(keyOf(organisation, messageId));
    if (earlier && earlier.bodySha256 !== bodySha256) {
      const text = `A message with id ${messageId} and another content was accepted before`;
      throw new MetergateError("CONFLICTING_MESSAGE_ID", text);
    }
    const { entries, ...accepted } = earlier ? item.answerAgain(earlier.correlationUid) : item.answer;
    additions.entries.push(entries);
    if (earlier) return accepted;
    additions.requests.push(request);
    if (messageId !== undefined) {
      const id = { organisation, messageId, bodySha256, correlationUid };
      additions.messageIds.push(id);
      known.set(keyOf(organisation, messageId), id);
    }
    return accepted;
  }
}
