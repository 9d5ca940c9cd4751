import { DlmsError } from "../../dlms/errors.ts";
import type { CounterStore } from "./ports.ts";

/** Enough for an association with a few requests; most sessions need no second block. */
const FIRST_BLOCK = 16;
/** Long sessions take ever larger blocks up to this, so that storing them does not slow them down. */
export const LARGEST_BLOCK = 1024;
/** What is left when it is time for the next block: one answer of the meter never makes us send more than this. */
const LOW = 4;

/**
 * Invocation counters of one session, out of blocks that the store has taken before any value is used. What is left of
 * a block at the end is skipped.
 */
export class CounterSupply {
  readonly #store: CounterStore;
  readonly #device: string;
  #blockSize = FIRST_BLOCK;
  /** Values `[next, end)` of the block in use, and what follows it. */
  #next = 0;
  #end = 0;
  #following: { readonly from: number; readonly to: number } | undefined;

  constructor(store: CounterStore, device: string) {
    this.#store = store;
    this.#device = device;
  }

  /** Whether `refill` is due before anything more is sent. */
  get isLow(): boolean {
    return !this.#following && this.#end - this.#next < LOW;
  }

  /**
   * Takes another block.
   * @throws MetergateError INVOCATION_COUNTER_EXHAUSTED and what else the store throws.
   */
  async refill(): Promise<void> {
    this.#following = await this.#store.reserve(this.#device, this.#blockSize);
    this.#blockSize = Math.min(this.#blockSize * 4, LARGEST_BLOCK);
  }

  /** @throws DlmsError `local/counter-exhausted` when what was taken is used up. */
  next(): number {
    if (this.#next >= this.#end) {
      if (!this.#following) {
        throw new DlmsError("local/counter-exhausted", "no invocation counter is reserved for this message");
      }
      this.#next = this.#following.from;
      this.#end = this.#following.to + 1;
      this.#following = undefined;
    }
    return this.#next++;
  }
}
