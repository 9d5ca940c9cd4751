import type { DevicesStore, KeyProcessingRun } from "../store/devices.ts";

/** Lets one key change at a time work on a device, among all processes. */
export class KeyProcessing {
  readonly #devices: DevicesStore;

  constructor(devices: DevicesStore) {
    this.#devices = devices;
  }

  /**
   * Begins a key change. It lasts until it is ended, or the lease of the run does: a run that was killed keeps nobody
   * away any longer than its request, and one that takes hours keeps others away for as long.
   * @returns a function that ends it, or null when another run's is under way
   */
  async acquire(device: string, { correlationUid, attempt }: KeyProcessingRun): Promise<(() => Promise<void>) | null> {
    const run = { correlationUid, attempt };
    const isOurs = await this.#devices.startKeyProcessing(device, run);
    return isOurs ? () => this.#devices.endKeyProcessing(device, run) : null;
  }
}
