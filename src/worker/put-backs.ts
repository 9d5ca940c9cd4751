import { type Clock, type Elapsed, plus, since, wallAheadMs } from "../lib/clock.ts";

/** By how much the wall clock may differ from the monotonic one between two looks without having been set. */
const STEP_MS = 1_000;

/** A request that waits for a retry or for what it needs. */
export interface PutBack {
  readonly id: number;
  readonly attempt: number;
  /** Milliseconds until it is due, by the clock that never steps. */
  readonly delayMs: number;
}

/**
 * What this process put back. When it is due is stored by the wall clock, as it must outlive the process; when that
 * steps, the moments have to be put right.
 */
export class PutBacks {
  readonly #clock: Clock;
  readonly #due = new Map<number, { readonly attempt: number; readonly due: Elapsed }>();
  #wallAheadMs: number;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#wallAheadMs = wallAheadMs(clock);
  }

  add({ id, attempt, delayMs }: PutBack): void {
    this.#due.set(id, { attempt, due: plus(this.#clock.elapsed(), delayMs) });
  }

  /** Those whose stored moments are wrong since the wall clock stepped; empty when it did not. */
  afterStep(): PutBack[] {
    for (const [id, { due }] of this.#due) if (since(this.#clock, due) >= 0) this.#due.delete(id);
    const aheadMs = wallAheadMs(this.#clock);
    const hasStepped = Math.abs(aheadMs - this.#wallAheadMs) > STEP_MS;
    this.#wallAheadMs = aheadMs;
    if (!hasStepped) return [];
    return [...this.#due].map(([id, { attempt, due }]) => ({ id, attempt, delayMs: -since(this.#clock, due) }));
  }
}
