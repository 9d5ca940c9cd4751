import { type Clock, type Elapsed, plus } from "../lib/clock.ts";

/** Failures in a row after which a target is left alone. */
const THRESHOLD = 3;
/** For how long: the first time, and at most; each further failure makes it longer. */
const FIRST_PAUSE_MS = 15_000;
const LONGEST_PAUSE_MS = 600_000;
const PAUSE_FACTOR = 4;

interface State {
  failures: number;
  pauseMs: number;
  /** Set from the threshold on: not before that moment, and then one at a time until one succeeds. */
  openUntil: Elapsed | undefined;
}

/** Leaves targets alone that fail again and again, each for itself. */
export class CircuitBreakers {
  readonly #clock: Clock;
  readonly #states = new Map<string, State>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many messages may be under way to a target now: `most` when it is well, one to try it, none while it is left alone. */
  room(target: string, most: number): number {
    const openUntil = this.#states.get(target)?.openUntil;
    if (openUntil === undefined) return most;
    return this.#clock.elapsed() >= openUntil ? 1 : 0;
  }

  /** Those that have failed the last time. */
  targets(): Iterable<string> {
    return this.#states.keys();
  }

  succeeded(target: string): void {
    this.#states.delete(target);
  }

  failed(target: string): void {
    const state = this.#states.get(target) ?? { failures: 0, pauseMs: FIRST_PAUSE_MS, openUntil: undefined };
    this.#states.set(target, state);
    state.failures += 1;
    if (state.failures < THRESHOLD) return;
    // What was under way when it opened says nothing new.
    if (state.openUntil !== undefined && this.#clock.elapsed() < state.openUntil) return;
    state.openUntil = plus(this.#clock.elapsed(), state.pauseMs);
    state.pauseMs = Math.min(LONGEST_PAUSE_MS, state.pauseMs * PAUSE_FACTOR);
  }
}
