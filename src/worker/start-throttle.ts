import { type Clock, sleep } from "../lib/clock.ts";

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
  #starts: number[] = [];

  constructor(clock: Clock, limit: StartLimit) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /** Resolves when the caller may begin, in the order of the calls; or at once when `signal` is aborted. */
  async enter(signal: AbortSignal): Promise<void> {
    const { count, windowMs } = this.#limit;
    const nowMs = this.#clock.now();
    const oldest = this.#starts.length < count ? undefined : this.#starts[0];
    const startMs = oldest === undefined ? nowMs : Math.max(nowMs, oldest + windowMs);
    this.#starts = [...this.#starts, startMs].slice(-count);
    if (startMs > nowMs) await sleep(this.#clock, startMs - nowMs, signal);
  }
}
