import type { DeviceFamily } from "../domain/device.ts";
import type { Run } from "./run.ts";

/** How long a device may say nothing and keep its place. */
const SILENT_AFTER_MS = 10_000;

/**
 * Places for runs, each family's own: silent devices of one take none from another. A place is for a device that talks:
 * one that has said nothing for a while gives its place up and goes on beside, among as many silent ones at most.
 */
export class Places {
  readonly #runs: () => Iterable<Run>;
  readonly #families: readonly DeviceFamily[];
  readonly #perFamily: number;

  /** @param runs what runs now */
  constructor(families: readonly DeviceFamily[], perFamily: number, runs: () => Iterable<Run>) {
    this.#families = families;
    this.#perFamily = perFamily;
    this.#runs = runs;
  }

  /** How many more may run, by family. */
  free(): Readonly<Record<DeviceFamily, number>> {
    return Object.fromEntries(this.#families.map((family) => [family, this.#countFree(family)]));
  }

  /** Families in which silent runs leave no room, with how many places others could have, and these runs, longest first. */
  crowded(): { readonly family: DeviceFamily; readonly wanted: number; readonly silent: readonly Run[] }[] {
    return this.#families.flatMap((family) => {
      const { silent, talking } = this.#of(family);
      const wanted = this.#perFamily - talking;
      if (wanted <= 0 || this.#countFree(family) > 0) return [];
      return [{ family, wanted, silent: silent.sort((a, b) => b.silentMs - a.silentMs) }];
    });
  }

  #countFree(family: DeviceFamily): number {
    const { silent, talking } = this.#of(family);
    return Math.max(0, Math.min(this.#perFamily - talking, 2 * this.#perFamily - talking - silent.length));
  }

  #of(family: DeviceFamily): { silent: Run[]; talking: number } {
    const silent: Run[] = [];
    let talking = 0;
    for (const run of this.#runs()) {
      if (run.request.family !== family) continue;
      if (run.silentMs >= SILENT_AFTER_MS) silent.push(run);
      else talking += 1;
    }
    return { silent, talking };
  }
}
