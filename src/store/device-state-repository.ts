import type { Knex } from "knex";
import type { Database } from "./database.ts";
import type { BatchWriter } from "./group-commit.ts";

/** A wish for `count` values of a device's invocation counter, which may not pass `highest`. */
interface CounterReservation {
  readonly device: string;
  readonly count: number;
  readonly highest: number;
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

  /**
   * Adds to the counter; one that was never known counts as 0. Durable when it resolves.
   * @returns the counter afterwards; undefined when it would pass `highest`, or there is no such device
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
           where identification = ? and coalesce(invocation_counter, 0) <= ? returning invocation_counter`,
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
