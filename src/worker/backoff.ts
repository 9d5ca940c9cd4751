import { type Clock, sleep } from "../lib/clock.ts";

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;

/** Waits between tries of something that fails by no fault of its own: each wait is twice the one before. */
export class Backoff {
  readonly #clock: Clock;
  #nextMs = FIRST_WAIT_MS;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves when the next try is due, or at once when `signal` is aborted. */
  wait(signal?: AbortSignal): Promise<void> {
    const waitMs = this.#nextMs;
    this.#nextMs = Math.min(2 * waitMs, LONGEST_WAIT_MS);
    return sleep(this.#clock, waitMs, signal);
  }
}
