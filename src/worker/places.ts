import type { DeviceFamily } from "../domain/device.ts";
import type { Clock } from "../lib/clock.ts";
import type { Run } from "./run.ts";

/** How long a device may say nothing and keep its place. */
const SILENT_AFTER_MS = 10_000;

/** Runs of a family. */
interface Counted {
  talking: number;
  readonly silent: Run[];
}

/**
 * Places for runs, each family's own: silent devices of one take none from another. A place is for a device that talks:
 * one that has said nothing for a while gives its place up and goes on beside, among as many silent ones at most.
 */
export class Places {
  readonly #clock: Clock;
  readonly #runs: () => Iterable<Run>;
  readonly #families: readonly DeviceFamily[];
  readonly #perFamily: number;

  /** @param runs what runs now */
  constructor(clock: Clock, families: readonly DeviceFamily[], perFamily: number, runs: () => Iterable<Run>) {
    this.#clock = clock;
    this.#families = families;
    this.#perFamily = perFamily;
    this.#runs = runs;
  }

  /** How many more may run, by family. */
  free(): Readonly<Record<DeviceFamily, number>> {
    return Object.fromEntries([...this.#count()].map(([family, count]) => [family, this.#freeOf(count)]));
  }

  /** Families in which silent runs leave no room, with how many places others could have, and these runs, longest first. */
  crowded(): { readonly family: DeviceFamily; readonly wanted: number; readonly silent: readonly Run[] }[] {
    return [...this.#count()].flatMap(([family, count]) => {
      const wanted = this.#perFamily - count.talking;
      if (wanted <= 0 || this.#freeOf(count) > 0) return [];
      return [{ family, wanted, silent: count.silent.sort((a, b) => a.heard! - b.heard!) }];
    });
  }

  #freeOf({ talking, silent }: Counted): number {
    return Math.max(0, Math.min(this.#perFamily - talking, 2 * this.#perFamily - talking - silent.length));
  }

  /** In one pass: it is asked for whenever a run ends, and there may be thousands. */
  #count(): Map<DeviceFamily, Counted> {
    const now = this.#clock.elapsed();
    const counts = new Map(
      this.#families.map((family): [DeviceFamily, Counted] => [family, { talking: 0, silent: [] }]),
    );
    for (const run of this.#runs()) {
      const count = counts.get(run.request.family);
      if (!count) continue;
      if (run.heard !== undefined && now - run.heard >= SILENT_AFTER_MS) count.silent.push(run);
      else count.talking += 1;
    }
    return counts;
  }
}
