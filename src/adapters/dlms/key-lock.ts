import { Snooze } from "../../domain/adapter.ts";
import type { KeyChangingRun, KeyProcessing } from "./key-ports.ts";

/** How long a request waits for the key change of another one. */
const BUSY_DELAY_MS = 5 * 60_000;

/** Keeps other key changes on a device away during one run. What runs inside may enter again. */
export class KeyLock {
  readonly #keyProcessing: KeyProcessing;
  readonly #device: string;
  readonly #run: KeyChangingRun;
  #depth = 0;

  constructor(keyProcessing: KeyProcessing, device: string, run: KeyChangingRun) {
    this.#keyProcessing = keyProcessing;
    this.#device = device;
    this.#run = run;
  }

  /** @throws Snooze when another key change is under way; `work` has not begun then. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#depth > 0) return work();
    const release = await this.#keyProcessing.acquire(this.#device, this.#run);
    if (!release) throw new Snooze(BUSY_DELAY_MS, `the keys of ${this.#device} are being changed`);
    this.#depth++;
    try {
      return await work();
    } finally {
      this.#depth--;
      await release();
    }
  }
}
