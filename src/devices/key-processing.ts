import type { Clock } from "../lib/clock.ts";
import type { DevicesStore } from "../store/devices.ts";

/** A key change that has not ended after this long died on the way; another may start. */
export const KEY_PROCESSING_STALE_MS = 5 * 60_000;

/** Lets one key change at a time work on a device, among all processes. */
export class KeyProcessing {
  readonly #devices: DevicesStore;
  readonly #clock: Clock;

  constructor(devices: DevicesStore, clock: Clock) {
    this.#devices = devices;
    this.#clock = clock;
  }

  /**
   * Begins a key change.
   * @returns a function that ends it, or null when another one is under way
   */
  async acquire(device: string): Promise<(() => Promise<void>) | null> {
    const startedMs = this.#clock.now();
    const isOurs = await this.#devices.startKeyProcessing(device, startedMs, startedMs - KEY_PROCESSING_STALE_MS);
    return isOurs ? () => this.#devices.endKeyProcessing(device, startedMs) : null;
  }
}
