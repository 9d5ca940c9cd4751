import type { Knex } from "knex";
import { MetergateError } from "../domain/errors.ts";
import { nextTurn } from "../lib/clock.ts";
import { groupBy } from "../lib/group-by.ts";

/** Writes things of one kind, many at a time. */
export interface BatchWriter<T, R> {
  /**
   * Writes all items and gives one result each, in their order. An Error as a result refuses that item alone: nothing
   * of it was written. Whatever is thrown undoes the whole transaction, with what other writers wrote in it.
   */
  write(transaction: Knex.Transaction, items: readonly T[]): Promise<readonly (R | Error)[]>;
}

interface Submission {
  readonly writer: BatchWriter<unknown, unknown>;
  readonly item: unknown;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Items in one transaction; a larger one would hold up the first of them for no gain. */
const MOST_ITEMS = 256;

/**
 * Puts what is submitted while a transaction is being written into the next one: the disk is waited for once per
 * transaction, not once per item.
 */
export class GroupCommit {
  readonly #knex: Knex;
  #queue: Submission[] = [];
  #writing: Promise<void> | undefined;
  #closed = false;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * Resolves with the writer's result once it is durable.
   * @throws MetergateError SERVICE_BUSY when the transaction failed, in which case nothing of it was stored, or when
   * the store is being closed; or the Error that the writer refused this item with.
   */
  submit<T, R>(writer: BatchWriter<T, R>, item: T): Promise<R> {
    if (this.#closed) return Promise.reject(new MetergateError("SERVICE_BUSY", "The service is shutting down."));
    return new Promise<R>((resolve, reject) => {
      this.#queue.push({ writer, item, resolve, reject } as Submission);
      this.#writing ??= this.#drain();
    });
  }

  /** Takes nothing more and waits until what was submitted is written. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
  }

  async #drain(): Promise<void> {
    // Lets whatever arrives in this turn of the event loop join.
    await nextTurn();
    while (this.#queue.length > 0) {
      await this.#commit(this.#queue.splice(0, MOST_ITEMS));
      await nextTurn();
    }
    this.#writing = undefined;
  }

  async #commit(batch: readonly Submission[]): Promise<void> {
    const results = new Map<Submission, unknown>();
    try {
      await this.#knex.transaction(async (transaction) => {
        for (const [writer, submissions] of groupBy(batch, (submission) => submission.writer)) {
          const items = submissions.map((submission) => submission.item);
          const written = await writer.write(transaction, items);
          for (const [at, submission] of submissions.entries()) results.set(submission, written[at]);
        }
      });
    } catch (cause) {
      const error = new MetergateError("SERVICE_BUSY", "The store could not be written; nothing was kept.", { cause });
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const submission of batch) {
      const result = results.get(submission);
      if (result instanceof Error) submission.reject(result);
      else submission.resolve(result);
    }
  }
}
