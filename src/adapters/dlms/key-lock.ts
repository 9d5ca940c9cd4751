import { Snooze } from "../adapter.ts";
import type { KeyProcessing } from "./key-ports.ts";

/** How long a request waits for the key change of another one. */
const BUSY_DELAY_MS = 5 * 60_000;

/** Keeps other key changes on a device away during one run. What runs inside may enter again. */
export class KeyLock {
  readonly #keyProcessing: KeyProcessing;
  readonly #device: string;
  #depth = 0;

  constructor(keyProcessing: KeyProcessing, device: string) {
    this.#keyProcessing = keyProcessing;
    this.#device = device;
  }

  /** @throws Snooze when another key change is under way; `work` has not begun then. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    if (this.#depth > 0) return work();
    const release = await this.#keyProcessing.acquire(this.#device);
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
