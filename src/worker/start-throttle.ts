import { type Clock, type Elapsed, plus, sleep } from "../lib/clock.ts";

/** How many connections may be begun within a window of time. */
export interface StartLimit {
  readonly count: number;
  readonly windowMs: number;
}

/** Spaces out the beginnings of connections: a mobile network takes only so many at once. */
export class StartThrottle {
  readonly #clock: Clock;
  readonly #limit: StartLimit;
  /** When the latest ones were let through or will be, oldest first; at most `count`. */
  #starts: Elapsed[] = [];

  constructor(clock: Clock, limit: StartLimit) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Resolves when the caller may begin, in the order of the calls; or at once when `signal` is aborted. */
  async enter(signal: AbortSignal): Promise<void> {
    const { count, windowMs } = this.#limit;
    const now = this.#clock.elapsed();
    const oldest = this.#starts.length < count ? undefined : this.#starts[0];
    const waitMs = oldest === undefined ? 0 : Math.max(0, oldest + windowMs - now);
    this.#starts = [...this.#starts, plus(now, waitMs)].slice(-count);
    if (waitMs > 0) await sleep(this.#clock, waitMs, signal);
  }
}
