import type { Adapter } from "../adapters/adapter.ts";
import type { Device, DeviceFamily } from "../domain/device.ts";
import type { ClaimedRequest, FinishedRequest } from "../domain/request.ts";
import { type Clock, type Elapsed, plus, until } from "../lib/clock.ts";
import type { Random } from "../lib/random.ts";
import type { RequestQueue, Settled } from "../requests/queue.ts";
import { type Progress, Run, type RunDependencies, type WorkerLogger } from "./run.ts";
import { type StartLimit, StartThrottle } from "./start-throttle.ts";

export interface WorkerSettings {
  /** Most associations at the same time; 100 when absent. */
  readonly concurrency?: number | undefined;
  /** How long a request stays ours without a sign of life; a minute when absent. It is extended thrice as often. */
  readonly leaseMs?: number | undefined;
  /** How often to look for what other processes put into the database; 5 seconds when absent. */
  readonly pollMs?: number | undefined;
  /**
   * Most connections to begin per family within a window of time; unlimited when absent. Mobile networks need one: 30
   * per 1000 ms is a common choice.
   */
  readonly startLimits?: Partial<Record<DeviceFamily, StartLimit>> | undefined;
}

export interface WorkerDependencies {
  readonly queue: RequestQueue;
  readonly adapters: readonly Adapter[];
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: WorkerLogger;
  findDevice(identification: string): Promise<Device | undefined>;
  /** Called after the commit that ended a request. What it throws is logged and changes nothing. */
  onFinished?(request: FinishedRequest): void | Promise<void>;
}

/** A request that runs now. */
export interface RunningRequest {
  readonly correlationUid: string;
  readonly device: string;
  readonly routeDevice: string;
  readonly attempt: number;
  readonly progress: Progress | undefined;
}

const nothing = () => {};

/** What the log says of a request that goes back into the queue. */
const PUT_BACK = {
  retried: "the request failed and will be tried again",
  snoozed: "the request waits for something else to end",
  released: "the request was put back for the next start",
} as const;

/**
 * Runs requests. It looks for work when it is woken, when something falls due, and now and then for the sake of other
 * processes; never busily. Several workers, in one process or in many, share a database without meeting.
 */
export class Worker {
  /** Tells this worker's leases from those of others and of its own earlier lives. */
  readonly id: string;
  readonly #dependencies: WorkerDependencies;
  readonly #runDependencies: RunDependencies;
  readonly #concurrency: number;
  readonly #leaseMs: number;
  readonly #pollMs: number;
  readonly #runs = new Map<Run, Promise<void>>();
  /** Until when a run's request is surely ours. */
  readonly #heldUntil = new WeakMap<Run, Elapsed>();
  #looking: Promise<void> | undefined;
  #again = false;
  #draining = false;
  #cancelTimer = nothing;
  #cancelHeartbeat = nothing;

  constructor(dependencies: WorkerDependencies, settings: WorkerSettings = {}) {
    const { queue, adapters, clock, random, logger } = dependencies;
    this.id = random.uuid();
    this.#dependencies = dependencies;
    this.#concurrency = settings.concurrency ?? 100;
    this.#leaseMs = settings.leaseMs ?? 60_000;
    this.#pollMs = settings.pollMs ?? 5_000;
    const limits = Object.entries(settings.startLimits ?? {}) as [DeviceFamily, StartLimit][];
    this.#runDependencies = {
      queue,
      clock,
      logger,
      adapters: new Map(adapters.map((adapter) => [adapter.family, adapter])),
      throttles: new Map(limits.map(([family, limit]) => [family, new StartThrottle(clock, limit)])),
      findDevice: (identification) => dependencies.findDevice(identification),
    };
  }

  start(): void {
    this.#scheduleHeartbeat();
    void this.wake();
  }

  /** There may be something to run. Resolves when it has been looked for; never rejects. */
  wake(): Promise<void> {
    if (this.#looking) {
      this.#again = true;
      return this.#looking;
    }
    if (this.#draining) return Promise.resolve();
    this.#looking = this.#look();
    return this.#looking;
  }

  /** What runs now, for operators. */
  running(): RunningRequest[] {
    return [...this.#runs.keys()].map(({ request, progress }) => {
      const { correlationUid, device, routeDevice, attempt } = request;
      return { correlationUid, device, routeDevice, attempt, progress };
    });
  }

  /** Takes nothing more on and resolves when what runs has ended. */
  async drain(): Promise<void> {
    this.#draining = true;
    this.#cancelTimer();
    await this.#looking;
    while (this.#runs.size > 0) await Promise.all(this.#runs.values());
    this.#cancelHeartbeat();
  }

  /** Aborts what runs, puts it back, and resolves when that is done. */
  async stop(): Promise<void> {
    this.#draining = true;
    await this.#looking;
    for (const run of this.#runs.keys()) run.abort("stopping");
    await this.drain();
  }

  async #look(): Promise<void> {
    do {
      this.#again = false;
      this.#cancelTimer();
      if (this.#draining) break;
      let nextMs: number | undefined;
      try {
        await this.#settleOverdue();
        await this.#claim();
        nextMs = await this.#dependencies.queue.nextEventMs();
      } catch (err) {
        this.#dependencies.logger.error({ err }, "the queue cannot be read; trying again later");
      }
      this.#scheduleLook(nextMs);
    } while (this.#again);
    // In the same turn as the question before: a wake-up in between would be heard by nobody.
    this.#looking = undefined;
  }

  #scheduleLook(nextMs: number | undefined): void {
    if (this.#draining) return;
    const { clock } = this.#dependencies;
    // With no room left, what falls due is taken when a run ends: a timer for it would fire again and again.
    const full = this.#runs.size >= this.#concurrency;
    const untilNextMs = full || nextMs === undefined ? this.#pollMs : Math.max(1, until(clock, nextMs));
    const delayMs = Math.min(this.#pollMs, untilNextMs);
    this.#cancelTimer();
    this.#cancelTimer = clock.after(delayMs, () => void this.wake());
  }

  async #claim(): Promise<void> {
    for (let more = true; more && !this.#draining && this.#runs.size < this.#concurrency; ) {
      const heldUntil = plus(this.#dependencies.clock.elapsed(), this.#leaseMs);
      const claimed = await this.#dependencies.queue.claim(this.id, this.#concurrency - this.#runs.size, this.#leaseMs);
      for (const request of claimed.requests) this.#begin(request, heldUntil);
      more = claimed.more;
    }
  }

  async #settleOverdue(): Promise<void> {
    for (const { request, settled } of await this.#dependencies.queue.settleOverdue()) {
      for (const run of this.#runs.keys()) {
        if (run.request.id === request.id && run.request.attempt === request.attempt) run.abort("lease-lost");
      }
      await this.#tell(request, settled);
    }
  }

  #begin(request: ClaimedRequest, heldUntil: Elapsed): void {
    const run = new Run(request, this.#runDependencies);
    this.#heldUntil.set(run, heldUntil);
    const done = this.#run(run).finally(() => {
      this.#runs.delete(run);
      void this.wake();
    });
    this.#runs.set(run, done);
  }

  async #run(run: Run): Promise<void> {
    const { queue, logger } = this.#dependencies;
    const end = await run.perform();
    const { request } = run;
    try {
      const settled: Settled =
        run.abortReason === "lease-lost" ? { kind: "lost" } : await queue.settle(request, run.outcomes, end);
      await this.#tell(request, settled);
    } catch (err) {
      const { correlationUid } = request;
      logger.error({ err, correlationUid }, "the end of a run cannot be stored; its lease will end instead");
    }
  }

  async #tell({ correlationUid, device, operation, attempt }: ClaimedRequest, settled: Settled): Promise<void> {
    const { logger } = this.#dependencies;
    const context = { correlationUid, device, operation, attempt };
    switch (settled.kind) {
      case "lost":
        logger.warn(context, "the request's lease went to another attempt");
        return;
      case "put-back": {
        const { ending, error, dueMs } = settled;
        logger.info({ ...context, error, due: new Date(dueMs).toISOString() }, PUT_BACK[ending]);
        return;
      }
      case "finished":
        logger.info({ ...context, error: settled.error }, `the request ${settled.request.state}`);
        try {
          await this.#dependencies.onFinished?.(settled.request);
        } catch (err) {
          logger.error({ err, correlationUid }, "somebody could not be told that the request ended");
        }
    }
  }

  #scheduleHeartbeat(): void {
    this.#cancelHeartbeat = this.#dependencies.clock.after(this.#leaseMs / 3, () => {
      this.#scheduleHeartbeat();
      void this.#extendLeases();
    });
  }

  async #extendLeases(): Promise<void> {
    const { queue, logger, clock } = this.#dependencies;
    const runs = [...this.#runs.keys()];
    if (runs.length === 0) return;
    const heldUntil = plus(clock.elapsed(), this.#leaseMs);
    try {
      const held = await queue.extendLeases(this.id, this.#leaseMs);
      const attempts = new Set(held.map(({ id, attempt }) => `${id}/${attempt}`));
      for (const run of runs) {
        const { id, attempt } = run.request;
        // A run that was settled meanwhile is not held either, and has nothing left to abort.
        if (attempts.has(`${id}/${attempt}`)) this.#heldUntil.set(run, heldUntil);
        else run.abort("lease-lost");
      }
    } catch (err) {
      logger.error({ err }, "leases cannot be extended; trying again later");
      // Once a lease has ended another worker may connect to the device.
      for (const run of runs) if (clock.elapsed() >= (this.#heldUntil.get(run) ?? 0)) run.abort("lease-lost");
    }
  }
}
