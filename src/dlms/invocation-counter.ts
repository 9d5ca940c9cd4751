import { DlmsError } from "./errors.ts";

/** Highest value of an invocation counter. After it the key is spent; a counter never wraps. */
export const MAX_INVOCATION_COUNTER = 0xffff_ffff;

/**
 * Hands out the values of one invocation counter, each once: with the system title they are the GCM nonces of a key.
 * The values come from the reserved range `[next, limit)`. Whoever owns the counter stores the limit before it is
 * given here, so that after a crash values may be skipped but never used again.
 */
export class InvocationCounter {
  #next: number;
  #limit: number;

  /**
   * @param next first value to hand out, 0 … 2^32 − 1
   * @param limit first value that is not reserved, next … 2^32
   */
  constructor(next: number, limit: number = MAX_INVOCATION_COUNTER + 1) {
    this.#next = next;
    this.#limit = next;
    this.extendReserve(limit);
  }

  /** Values that can be handed out before the reserve must be extended. */
  get remaining(): number {
    return this.#limit - this.#next;
  }

  /** The value that {@link next} will hand out. */
  peek(): number {
    return this.#next;
  }

  /** @throws DlmsError `local/counter-exhausted` when the reserve is used up. */
  next(): number {
    if (this.#next >= this.#limit) {
      throw new DlmsError("local/counter-exhausted", `no invocation counter is reserved from ${this.#next} on`, {
        next: this.#next,
      });
    }
    return this.#next++;
  }

  /**
   * @param limit first value that is not reserved, up to 2^32
   * @throws DlmsError `local/invalid-value` when it is below the present limit or no such number.
   */
  extendReserve(limit: number): void {
    if (!isPosition(this.#next) || !isPosition(limit) || limit < this.#limit) {
      throw new DlmsError("local/invalid-value", `no reserve of invocation counters: ${this.#next} to ${limit}`);
    }
    this.#limit = limit;
  }
}

/** A counter, or the place behind the last one. */
function isPosition(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= MAX_INVOCATION_COUNTER + 1;
}

/**
 * Accepts the peer's counters, each above the one before. The window lasts for one association, because many meters
 * start again at 0 with each, and 0 is a legal first value.
 */
export class ReplayWindow {
  #lowest: number;

  /** @param lowest lowest counter that is accepted first, 0 … 2^32 − 1 */
  constructor(lowest = 0) {
    this.#lowest = lowest;
  }

  /** Lowest counter that would be accepted now. */
  get lowest(): number {
    return this.#lowest;
  }

  /**
   * Call this only for what is authentic: a forged message must not move the window.
   * @throws DlmsError `security/counter` with both counters in the context.
   */
  accept(counter: number): void {
    if (counter < this.#lowest) {
      throw new DlmsError("security/counter", `invocation counter ${counter} where at least ${this.#lowest} is due`, {
        counter,
        expected: this.#lowest,
      });
    }
    this.#lowest = counter + 1;
  }
}
