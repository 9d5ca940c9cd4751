import type { Clock } from "../../src/lib/clock.ts";
import type { LeasesStore } from "../../src/store/leases.ts";

/** Leases in a map: shows that the port asks for nothing that only a SQL database has. */
export class InMemoryLeases implements LeasesStore {
  readonly #clock: Clock;
  readonly #leases = new Map<string, { holder: string; token: number; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async acquire(name: string, holder: string, durationMs: number): Promise<number | undefined> {
    const held = this.#leases.get(name);
    if (held && held.holder !== holder && held.until > this.#clock.elapsed()) return undefined;
    const token = (held?.token ?? 0) + 1;
    this.#leases.set(name, { holder, token, until: this.#clock.elapsed() + durationMs });
    return token;
  }

  async extend(name: string, token: number, durationMs: number): Promise<boolean> {
    const held = this.#leases.get(name);
    if (held?.token !== token || held.until <= this.#clock.elapsed()) return false;
    held.until = this.#clock.elapsed() + durationMs;
    return true;
  }

  async release(name: string, token: number): Promise<void> {
    const held = this.#leases.get(name);
    if (held?.token === token) held.until = Number.NEGATIVE_INFINITY;
  }
}
