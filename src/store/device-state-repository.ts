import type { Knex } from "knex";
import type { Database } from "./database.ts";
import type { BatchWriter } from "./group-commit.ts";

/** A wish for `count` values of a device's invocation counter, which may not pass `highest`. */
interface CounterReservation {
  readonly device: string;
  readonly count: number;
  readonly highest: number;
}

/** The invocation counter of a device as it is stored. */
export interface CounterState {
  /** The next value to use; null before it was ever known. */
  readonly counter: number | null;
  /** Values at or above `counter` that are used already, ascending, each from the first to the last of a range. */
  readonly lent: readonly (readonly [from: number, to: number])[];
}

/** What changes about a device while it is talked to. Each method is one atomic statement. */
export class DeviceStateRepository {
  readonly #database: Database;
  readonly #knex: Knex;

  constructor(database: Database) {
    this.#database = database;
    this.#knex = database.knex;
  }

  /** The next value to use, null before it was ever known; undefined when there is no such device. */
  async invocationCounter(device: string): Promise<number | null | undefined> {
    const sql = "select invocation_counter from device where identification = ?";
    const [row] = await this.#knex.raw(sql, [device]);
    return row?.invocation_counter;
  }

  /** The counter with what was used ahead of it; undefined when there is no such device. */
  async counterState(device: string): Promise<CounterState | undefined> {
    const sql = "select invocation_counter, lent_counters from device where identification = ?";
    const [row] = await this.#knex.raw(sql, [device]);
    return row && { counter: row.invocation_counter, lent: JSON.parse(row.lent_counters ?? "[]") };
  }

  /** @returns false when the state is not `before` any more, and then nothing changed */
  async replaceCounterState(device: string, before: CounterState, after: CounterState): Promise<boolean> {
    const changed = await this.#knex("device")
      .where({ identification: device })
      .whereRaw("coalesce(invocation_counter, -1) = ? and coalesce(lent_counters, '[]') = ?", [
        before.counter ?? -1,
        JSON.stringify(before.lent),
      ])
      .update({
        invocation_counter: after.counter,
        lent_counters: after.lent.length === 0 ? null : JSON.stringify(after.lent),
      });
    return changed > 0;
  }

  /**
   * Adds to the counter; one that was never known counts as 0. Durable when it resolves.
   * @returns the counter afterwards; undefined when it would pass `highest`, values ahead of it are used already, or
   * there is no such device
   */
  addToInvocationCounter(device: string, count: number, highest: number): Promise<number | undefined> {
    return this.#database.commits.submit(this.#reservations, { device, count, highest });
  }

  readonly #reservations: BatchWriter<CounterReservation, number | undefined> = {
    write: async (transaction, reservations) => {
      const counters: (number | undefined)[] = [];
      for (const { device, count, highest } of reservations) {
        const [row] = await transaction.raw(
          `update device set invocation_counter = coalesce(invocation_counter, 0) + ?
           where identification = ? and coalesce(invocation_counter, 0) <= ? and lent_counters is null
           returning invocation_counter`,
          [count, device, highest - count],
        );
        counters.push(row?.invocation_counter);
      }
      return counters;
    },
  };

  /** @returns false when the counter is this high already */
  async raiseInvocationCounter(device: string, value: number): Promise<boolean> {
    const changed = await this.#knex("device")
      .where({ identification: device })
      .whereRaw("coalesce(invocation_counter, -1) < ?", [value])
      .update({ invocation_counter: value });
    return changed > 0;
  }

  /**
   * Marks that the device's keys are being worked on, unless they are since `staleMs` or later.
   * @returns whether the mark is ours
   */
  async startKeyProcessing(device: string, nowMs: number, staleMs: number): Promise<boolean> {
    const changed = await this.#knex("device")
      .where({ identification: device })
      .whereRaw("coalesce(key_processing_started_ms, ?) <= ?", [staleMs, staleMs])
      .update({ key_processing_started_ms: nowMs });
    return changed > 0;
  }

  /** Takes the mark away, if it is still the one that was made at `startedMs`. */
  async endKeyProcessing(device: string, startedMs: number): Promise<void> {
    await this.#knex("device")
      .where({ identification: device, key_processing_started_ms: startedMs })
      .update({ key_processing_started_ms: null });
  }
}
