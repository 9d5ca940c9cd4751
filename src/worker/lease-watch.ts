import { type Clock, type Elapsed, since } from "../lib/clock.ts";

/** Who runs a request, as the store has it. */
export interface Lease {
  readonly id: number;
  readonly attempt: number;
  readonly worker: string;
  /** Grows with each sign of life. No two machines need to agree on it: here only a change counts. */
  readonly leaseUntilMs: number;
}

/**
 * Finds workers that are gone by the leases that they do not renew. What counts is how long a lease has stood still
 * before the eyes of this process: no step of any wall clock makes a living worker dead, or a dead one live on.
 */
export class LeaseWatch {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  #seen = new Map<string, { readonly leaseUntilMs: number; readonly first: Elapsed }>();

  constructor(clock: Clock, leaseMs: number) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  /**
   * Takes in what the store says now about leases of others.
   * @returns those that have stood still for the length of a lease
   */
  observe(leases: readonly Lease[]): Lease[] {
    const before = this.#seen;
    this.#seen = new Map();
    return leases.filter((lease) => {
      const { id, attempt, worker, leaseUntilMs } = lease;
      const key = `${id}/${attempt}/${worker}`;
      const known = before.get(key);
      const seen = known?.leaseUntilMs === leaseUntilMs ? known : { leaseUntilMs, first: this.#clock.elapsed() };
      this.#seen.set(key, seen);
      return since(this.#clock, seen.first) >= this.#leaseMs;
    });
  }

  /** Milliseconds until the first of what was observed ends, if it goes on standing still; undefined when none is. */
  get nextEndMs(): number | undefined {
    const ages = [...this.#seen.values()].map(({ first }) => since(this.#clock, first));
    return ages.length === 0 ? undefined : Math.max(0, this.#leaseMs - Math.max(...ages));
  }
}
