declare const kind: unique symbol;

/**
 * A moment by the wall clock, in milliseconds since 1970-01-01T00:00:00Z. It is for stamps and for what callers name a
 * time for. The wall clock may step, by hours, in both directions: how long something took is not told by it.
 */
export type Instant = number & { readonly [kind]: "instant" };

/**
 * A moment by the monotonic clock, in milliseconds since some time before the process began; it never steps. Everything
 * that takes, lasts or waits is measured by it. It means nothing to another process, and is never stored.
 */
export type Elapsed = number & { readonly [kind]: "elapsed" };

/** Where the time comes from. Everything that waits or stamps is given one; tests give a clock that they move. */
export interface Clock {
  /** For stamps; not for measuring. */
  now(): Instant;
  /** For measuring; not for stamps. */
  elapsed(): Elapsed;
  /** Runs `callback` once after `delayMs` milliseconds, unless the returned function is called first. */
  after(delayMs: number, callback: () => void): () => void;
}

/** setTimeout fires at once for a delay beyond 2^31 − 1 ms; longer waits go in steps. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => Date.now() as Instant,
  elapsed: () => performance.now() as Elapsed,
  after(delayMs, callback) {
    let remainingMs = delayMs;
    let timer: NodeJS.Timeout;
    const arm = () => {
      const stepMs = Math.min(remainingMs, LONGEST_TIMER_MS);
      remainingMs -= stepMs;
      timer = setTimeout(() => (remainingMs > 0 ? arm() : callback()), stepMs);
    };
    arm();
    return () => clearTimeout(timer);
  },
};

/** What the monotonic clock shows `ms` milliseconds after `moment`; before it when negative. */
export function plus(moment: Elapsed, ms: number): Elapsed {
  return (moment + ms) as Elapsed;
}

/** Milliseconds that have passed since `moment` of the same clock. */
export function since(clock: Pick<Clock, "elapsed">, moment: Elapsed): number {
  return clock.elapsed() - moment;
}

/**
 * Milliseconds until a moment that somebody named by the wall clock, negative when it has passed. It is a guess: the
 * wall clock may step meanwhile, so whoever waits for it looks again now and then.
 */
export function until(clock: Pick<Clock, "now">, moment: number): number {
  return moment - clock.now();
}

/** By how much the wall clock is ahead of the monotonic one, in milliseconds: another value when it has stepped. */
export function wallAheadMs(clock: Pick<Clock, "now" | "elapsed">): number {
  return clock.now() - clock.elapsed();
}

/** Lets whatever else waits for its turn of the event loop go first. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves after `delayMs` milliseconds on `clock`, or at once when `signal` is aborted. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal?.addEventListener("abort", done, { once: true });
  });
}

/** A clock that stands still until it is moved; for tests and replays. */
export class ManualClock implements Clock {
  #nowMs: number;
  #elapsedMs = 0;
  #timers: { atMs: number; callback: () => void }[] = [];

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  now(): Instant {
    return this.#nowMs as Instant;
  }

  elapsed(): Elapsed {
    return this.#elapsedMs as Elapsed;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { atMs: this.#elapsedMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  /** Sets the wall clock forward, or back when negative, as an operator or NTP does: no time passes. */
  step(byMs: number): void {
    this.#nowMs += byMs;
  }

  /** Moves the time forward and fires what falls due, in order of due time. */
  advance(byMs: number): void {
    const endMs = this.#elapsedMs + byMs;
    for (;;) {
      const next = this.#timers.filter((t) => t.atMs <= endMs).sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#pass(Math.max(0, next.atMs - this.#elapsedMs));
      next.callback();
    }
    this.#pass(Math.max(0, endMs - this.#elapsedMs));
  }

  #pass(byMs: number): void {
    this.#elapsedMs += byMs;
    this.#nowMs += byMs;
  }
}
