import { DlmsError } from "../../dlms/errors.ts";
import { MetergateError } from "../../domain/errors.ts";
import type { CounterStore } from "./ports.ts";

/** Enough for an association with a few requests; most sessions need no second block. */
export const FIRST_BLOCK = 16;
/** Long sessions take ever larger blocks up to this, so that storing them does not slow them down. */
const LARGEST_BLOCK = 1024;
/** What is left when it is time for the next block: one answer of the meter never makes us send more than this. */
const LOW = 4;
/** So near to the end it is better to begin anew at once than to go on with what is left. */
const NEAR_THE_END = 2 ** 32 - 2 ** 16;

/** Values of a counter, from the first to the last. */
export interface CounterBlock {
  readonly from: number;
  readonly to: number;
}

/**
 * Invocation counters of one session, out of blocks that the store has taken before any value is used. What is left of
 * a block at the end is skipped.
 */
export class CounterSupply {
  readonly #store: CounterStore;
  readonly #device: string;
  /** Where the first block begins, at least, when the meter told so without proof. */
  readonly #told: number | undefined;
  #blockSize = FIRST_BLOCK;
  #next = 0;
  /** The block in use and those that follow it. */
  #blocks: CounterBlock[] = [];
  #last: number | undefined;
  /** Whether the store has none left. */
  #isEnd = false;
  /** Set while the store begins anew under a new key and nothing has been sent under it. */
  #begunAt: number | undefined;

  /**
   * @param begins with a counter that the meter told and has yet to prove: the first block is lent for it, see `prove`;
   * or with a block of `FIRST_BLOCK` that the store has taken already
   */
  constructor(store: CounterStore, device: string, begins?: number | CounterBlock) {
    this.#store = store;
    this.#device = device;
    this.#told = typeof begins === "number" ? begins : undefined;
    if (typeof begins === "object") this.#add(begins);
  }

  /** The value that was used last; undefined before. */
  get last(): number | undefined {
    return this.#last;
  }

  /** Whether `refill` is due before a request is made. */
  get isDue(): boolean {
    return this.#begunAt !== undefined || this.isLow;
  }

  /** Whether `refill` is due before an answer is worked on, which may make us send more. */
  get isLow(): boolean {
    return this.#begunAt === undefined && !this.#isEnd && this.#left < LOW;
  }

  get #left(): number {
    const [current, ...following] = this.#blocks;
    if (!current) return 0;
    return following.reduce((sum, { from, to }) => sum + to - from + 1, current.to - this.#next + 1);
  }

  /**
   * Takes more values. The last ones of all are enough as long as there are any.
   * @throws MetergateError INVOCATION_COUNTER_EXHAUSTED and what else the store throws.
   */
  async refill(): Promise<void> {
    await this.#goOn();
    while (this.isLow) {
      try {
        this.#add(await this.#take());
      } catch (error) {
        const isEnd = error instanceof MetergateError && error.code === "INVOCATION_COUNTER_EXHAUSTED";
        if (!isEnd || this.#left === 0) throw error;
        this.#isEnd = true;
      }
    }
  }

  #take(): Promise<CounterBlock> {
    return this.#told !== undefined && this.#last === undefined && this.#blocks.length === 0
      ? this.#store.lend(this.#device, this.#told, this.#blockSize)
      : this.#store.reserve(this.#device, this.#blockSize);
  }

  #add(block: CounterBlock): void {
    this.#blockSize = Math.min(this.#blockSize * 4, LARGEST_BLOCK);
    if (this.#blocks.length === 0) this.#next = block.from;
    this.#blocks.push(block);
  }

  /** The meter has proved that it holds the keys: what it told is the counter from now on. */
  async prove(): Promise<void> {
    if (this.#told === undefined) return;
    await this.#store.raise(this.#device, Math.min(this.#blocks.at(-1)!.to + 1, 2 ** 32 - 1));
  }

  /**
   * A new encryption key, never used before, is in force: the store begins anew. Meters do so too, but some count on
   * within an association. So if the session goes on under the new key, it goes on upwards, and the store with it.
   * @param value where the next session begins
   */
  async restart(value: number): Promise<void> {
    const before = await this.#store.current(this.#device);
    if (before === null || before < value) await this.#store.raise(this.#device, value);
    else if (await this.#store.restart(this.#device, value, before)) this.#begunAt = value;
  }

  async #goOn(): Promise<void> {
    const begunAt = this.#begunAt;
    if (begunAt === undefined) return;
    this.#begunAt = undefined;
    this.#isEnd = false;
    const end = (this.#blocks.at(-1)?.to ?? 0) + 1;
    if (end >= NEAR_THE_END) this.#blocks = [];
    else if (end > begunAt) await this.#store.raise(this.#device, end);
  }

  /** @throws DlmsError `local/counter-exhausted` when what was taken is used up. */
  next(): number {
    const [current] = this.#blocks;
    if (!current) throw new DlmsError("local/counter-exhausted", "no invocation counter is left for this message");
    const value = this.#next++;
    this.#last = value;
    if (value === current.to) {
      this.#blocks.shift();
      this.#next = this.#blocks[0]?.from ?? 0;
    }
    return value;
  }
}
