import { MetergateError } from "../domain/errors.ts";
import type { Database } from "../store/database.ts";
import { DeviceStateRepository } from "../store/device-state-repository.ts";

/** Highest value of an invocation counter: 32 bits, and it never wraps. */
export const HIGHEST_INVOCATION_COUNTER = 2 ** 32 - 1;
/** From here on operators are told: nothing starts a counter again, not even new keys. */
export const INVOCATION_COUNTER_THRESHOLD = 2_000_000_000;

/** Values that belong to the caller alone; each may be used once, or not at all. */
export interface CounterBlock {
  readonly from: number;
  /** Last value of the block. */
  readonly to: number;
}

function requireCounter(value: number): void {
  if (!Number.isInteger(value) || value < 0 || value > HIGHEST_INVOCATION_COUNTER) {
    throw new MetergateError("ILLEGAL_RESPONSE", `Not an invocation counter: ${value}`);
  }
}

function unknownDevice(device: string): MetergateError {
  return new MetergateError("UNKNOWN_DEVICE", `There is no device ${device}`);
}

/**
 * Invocation counters of our side, one per device. Values are stored before they are used: after a crash some are
 * skipped, none is used again, because system title and counter together are the GCM nonce (Green Book, security
 * suites). Safe against other processes: every change is one atomic statement.
 */
export class InvocationCounters {
  readonly #state: DeviceStateRepository;
  readonly #onThreshold: (device: string, counter: number) => void;

  /** @param onThreshold called for each block at or above `INVOCATION_COUNTER_THRESHOLD`; may not throw */
  constructor(database: Database, onThreshold: (device: string, counter: number) => void = () => {}) {
    this.#state = new DeviceStateRepository(database);
    this.#onThreshold = onThreshold;
  }

  /**
   * The next value to use, or null when it was never known.
   * @throws MetergateError UNKNOWN_DEVICE
   */
  async current(device: string): Promise<number | null> {
    const counter = await this.#state.invocationCounter(device);
    if (counter === undefined) throw unknownDevice(device);
    return counter;
  }

  /**
   * Takes `count` values, 1 or more. A counter that was never known starts at 0; where the profile says that the device
   * keeps count, it is asked first and `raise` called.
   * @throws MetergateError INVOCATION_COUNTER_EXHAUSTED when fewer are left, UNKNOWN_DEVICE
   */
  async reserve(device: string, count: number): Promise<CounterBlock> {
    const next = await this.#state.addToInvocationCounter(device, count, HIGHEST_INVOCATION_COUNTER + 1);
    if (next === undefined) {
      const left = HIGHEST_INVOCATION_COUNTER + 1 - ((await this.current(device)) ?? 0);
      throw new MetergateError("INVOCATION_COUNTER_EXHAUSTED", `${left} invocation counter values left on ${device}`);
    }
    if (next >= INVOCATION_COUNTER_THRESHOLD) this.#onThreshold(device, next);
    return { from: next - count, to: next - 1 };
  }

  /**
   * Takes over the value that the device reports, if it is higher or none was known.
   * @param value 0 … 2^32 − 1
   * @returns whether it was higher; false when it is the same
   * @throws MetergateError ATTEMPT_TO_LOWER_INVOCATION_COUNTER, ILLEGAL_RESPONSE when it is no counter, UNKNOWN_DEVICE
   */
  async raise(device: string, value: number): Promise<boolean> {
    requireCounter(value);
    if (await this.#state.raiseInvocationCounter(device, value)) return true;
    const current = await this.current(device);
    if (current !== null && value < current) {
      throw new MetergateError(
        "ATTEMPT_TO_LOWER_INVOCATION_COUNTER",
        `The device reports the invocation counter ${value}, lower than ${current} here`,
      );
    }
    return false;
  }
}
