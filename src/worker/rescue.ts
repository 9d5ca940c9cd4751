import { type Clock, type Elapsed, since } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { RequestQueue, Rescued } from "../requests/queue.ts";
import { type Lease, LeaseWatch } from "./lease-watch.ts";

type Attempt = Pick<Lease, "id" | "attempt">;

function keyOf({ id, attempt }: Attempt): string {
  return `${id}/${attempt}`;
}

/** Takes requests from workers that are gone, and those that this one holds without running them. */
export class Rescue {
  readonly #worker: string;
  readonly #queue: RequestQueue;
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, "info" | "warn" | "error">;
  readonly #watch: LeaseWatch;
  readonly #everyMs: number;
  #watched: Elapsed | undefined;

  /** @param everyMs how often to look at others' leases, as long as none of them is about to end */
  constructor(
    worker: string,
    { queue, clock, logger }: { queue: RequestQueue; clock: Clock; logger: Pick<Logger, "info" | "warn" | "error"> },
    { leaseMs, everyMs }: { leaseMs: number; everyMs: number },
  ) {
    this.#worker = worker;
    this.#queue = queue;
    this.#clock = clock;
    this.#logger = logger;
    this.#watch = new LeaseWatch(clock, leaseMs);
    this.#everyMs = everyMs;
  }

  /** Milliseconds until the lease of another worker ends if nothing is heard of it; undefined when none is watched. */
  get nextEndMs(): number | undefined {
    return this.#watch.nextEndMs;
  }

  /** @param running what this worker runs */
  async look(running: () => readonly Attempt[]): Promise<Rescued[]> {
    const isSoon = (this.#watch.nextEndMs ?? this.#everyMs) > 0;
    if (isSoon && this.#watched !== undefined && since(this.#clock, this.#watched) < this.#everyMs) return [];
    this.#watched = this.#clock.elapsed();
    const keys = new Set(running().map(keyOf));
    const leases = (await this.#queue.leases()).filter((lease) => !keys.has(keyOf(lease)));
    const orphans = leases.filter(({ worker }) => worker === this.#worker);
    const abandoned = this.#watch.observe(leases.filter(({ worker }) => worker !== this.#worker));
    const rescued: Rescued[] = [];
    for (const lease of [...orphans, ...abandoned]) {
      try {
        const each = await this.#queue.rescue(lease);
        if (each) rescued.push(each);
      } catch (err) {
        this.#logger.error({ err, id: lease.id }, "a request of a worker that is gone cannot be taken");
      }
    }
    return rescued;
  }
}
