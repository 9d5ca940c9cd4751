import type { Adapter } from "../domain/adapter.ts";
import type { Device, DeviceFamily } from "../domain/device.ts";
import type { ClaimedRequest, FinishedRequest } from "../domain/request.ts";
import { type Clock, type Elapsed, plus, since, until } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import type { Random } from "../lib/random.ts";
import type { RequestQueue, Settled as StoredEnd } from "../requests/queue.ts";
import type { RunEnd } from "../requests/settle.ts";
import { Backoff } from "./backoff.ts";
import type { Permits } from "./permits.ts";
import { Places } from "./places.ts";
import { PutBacks } from "./put-backs.ts";
import { Rescue } from "./rescue.ts";
import { type Progress, Run, type RunDependencies } from "./run.ts";
import { type StartLimit, StartThrottle } from "./start-throttle.ts";

export interface WorkerSettings {
  /** Most associations at the same time, for each family; 100 when absent. */
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
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  /** Of all nodes together; undefined when each has its own limits. */
  readonly permits?: Permits | undefined;
  findDevice(identification: string): Promise<Device | undefined>;
  /** Whether an organisation may ask for anything. */
  isEnabled(organisation: string): Promise<boolean>;
  isAuthorised: RunDependencies["isAuthorised"];
  /** Told of each run that ended: `succeeded` and `failed` for good; `retried`, `snoozed`, `released`; `lost`. */
  onEnded?(family: string, ending: string): void;
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

/** The longest that a run may take, whatever the device does: the slowest of firmware updates takes hours. */
const LONGEST_RUN_MS = 24 * 3_600_000;

/** `given-up`: the store could not be written for the length of a lease. */
type Settled = StoredEnd | { readonly kind: "given-up" };

const nothing = () => {};

function sum(numbers: Readonly<Record<string, number>>): number {
  return Object.values(numbers).reduce((total, each) => total + each, 0);
}

function endingOf(settled: Settled): string {
  if (settled.kind === "finished") return settled.request.state;
  return settled.kind === "put-back" ? settled.ending : settled.kind;
}

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
  readonly #leaseMs: number;
  readonly #pollMs: number;
  readonly #runs = new Map<Run, Promise<void>>();
  /** Until when a run's request is surely ours. */
  readonly #heldUntil = new WeakMap<Run, Elapsed>();
  /** Since when the end of a run is being stored. */
  readonly #ended = new WeakMap<Run, Elapsed>();
  /** The latest run of each device that an adapter has not let go of yet; the request may have ended before that. */
  readonly #latest = new Map<string, Run>();
  readonly #rescue: Rescue;
  readonly #places: Places;
  readonly #putBacks: PutBacks;
  readonly #stopping = new AbortController();
  #looking: Promise<void> | undefined;
  #again = false;
  #draining = false;
  #cancelTimer = nothing;
  #cancelHeartbeat = nothing;

  constructor(dependencies: WorkerDependencies, settings: WorkerSettings = {}) {
    const { queue, adapters, clock, random, logger } = dependencies;
    this.id = random.uuid();
    this.#dependencies = dependencies;
    this.#leaseMs = settings.leaseMs ?? 60_000;
    this.#pollMs = settings.pollMs ?? 5_000;
    const everyMs = Math.min(this.#pollMs, this.#leaseMs / 3);
    this.#rescue = new Rescue(this.id, dependencies, { leaseMs: this.#leaseMs, everyMs });
    const families = adapters.map(({ family }) => family);
    this.#places = new Places(clock, families, settings.concurrency ?? 100, () => this.#runs.keys());
    this.#putBacks = new PutBacks(clock);
    const limits = Object.entries(settings.startLimits ?? {}) as [DeviceFamily, StartLimit][];
    this.#runDependencies = {
      queue,
      clock,
      logger,
      adapters: new Map(adapters.map((adapter) => [adapter.family, adapter])),
      throttles: new Map(limits.map(([family, limit]) => [family, new StartThrottle(clock, limit)])),
      permits: dependencies.permits,
      findDevice: (identification) => dependencies.findDevice(identification),
      isEnabled: (organisation) => dependencies.isEnabled(organisation),
      isAuthorised: (organisation, ...asked) => dependencies.isAuthorised(organisation, ...asked),
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
    await Promise.all([...this.#latest.values()].map((run) => run.left));
    this.#cancelHeartbeat();
  }

  /** Aborts what runs, puts it back, and resolves when that is done. */
  async stop(): Promise<void> {
    this.#draining = true;
    this.#stopping.abort();
    await this.#looking;
    for (const run of [...this.#runs.keys(), ...this.#latest.values()]) run.abort("stopping");
    await this.drain();
  }

  async #look(): Promise<void> {
    do {
      this.#again = false;
      this.#cancelTimer();
      if (this.#draining) break;
      let nextMs: number | undefined;
      try {
        await this.#reschedule();
        await this.#takeOver();
        nextMs = await this.#claim();
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
    const full = sum(this.#places.free()) === 0;
    const untilNextMs = full || nextMs === undefined ? this.#pollMs : Math.max(1, until(clock, nextMs));
    const untilEndMs = this.#rescue.nextEndMs ?? this.#pollMs;
    this.#cancelTimer();
    const delayMs = Math.min(this.#pollMs, untilNextMs, Math.max(1, untilEndMs));
    this.#cancelTimer = clock.after(delayMs, () => void this.wake());
  }

  /**
   * Takes what there are places for, and ends what is overdue.
   * @returns when something falls due next, as the queue says
   */
  async #claim(): Promise<number | undefined> {
    const { queue, clock, logger } = this.#dependencies;
    let nextMs: number | undefined;
    for (let more = true; more && !this.#draining; ) {
      const free = this.#places.free();
      const inAll = sum(free);
      const heldUntil = plus(clock.elapsed(), this.#leaseMs);
      const claimed = await queue.claim(this.id, inAll, this.#leaseMs, free);
      for (const request of claimed.requests) this.#begin(request, heldUntil);
      for (const unreadable of claimed.unreadable) {
        logger.error({ ...unreadable }, "a stored request cannot be read, and has failed");
      }
      for (const { request, settled } of await queue.settleOverdue(claimed.overdue)) await this.#tell(request, settled);
      nextMs = claimed.nextEventMs;
      more = claimed.more && (claimed.overdue.length > 0 || sum(this.#places.free()) > 0);
    }
    if (!this.#draining) await this.#makeRoom();
    return nextMs;
  }

  /** Ends the longest silent runs of families in which they leave no room for others that wait. */
  async #makeRoom(): Promise<void> {
    for (const { family, wanted, silent } of this.#places.crowded()) {
      const waiting = await this.#dependencies.queue.countReady(family, wanted);
      for (const run of silent.slice(0, waiting)) run.abort("silent");
    }
  }

  /** Retries wait as long as they are told to, whatever the wall clock does. */
  async #reschedule(): Promise<void> {
    const { queue } = this.#dependencies;
    for (const putBack of this.#putBacks.afterStep()) await queue.reschedule(putBack, putBack.delayMs);
  }

  async #takeOver(): Promise<void> {
    const rescued = await this.#rescue.look(() => [...this.#runs.keys()].map(({ request }) => request));
    for (const { request, settled } of rescued) await this.#tell(request, settled);
  }

  #begin(request: ClaimedRequest, heldUntil: Elapsed): void {
    const { routeDevice } = request;
    const run = new Run(request, this.#runDependencies, this.#latest.get(routeDevice)?.left);
    this.#heldUntil.set(run, heldUntil);
    this.#latest.set(routeDevice, run);
    const done = this.#run(run).finally(() => {
      this.#runs.delete(run);
      void this.wake();
    });
    this.#runs.set(run, done);
    // The place is free when the request has ended; what the adapter still does with the device holds up that one only.
    void run.left.then(() => {
      if (this.#latest.get(routeDevice) === run) this.#latest.delete(routeDevice);
    });
  }

  async #run(run: Run): Promise<void> {
    const end = await run.perform();
    const settled: Settled = run.abortReason === "lease-lost" ? { kind: "lost" } : await this.#settle(run, end);
    await this.#tell(run.request, settled, Math.round(run.ageMs));
  }

  /**
   * Stores the end of a run, however long the store takes, up to the length of a lease: what the device did is not done
   * again for want of a place to write it down.
   */
  async #settle(run: Run, end: RunEnd): Promise<Settled> {
    const { queue, clock, logger } = this.#dependencies;
    const { request, outcomes, unsaved } = run;
    const ended = clock.elapsed();
    this.#ended.set(run, ended);
    for (const backoff = new Backoff(clock); ; await backoff.wait(this.#stopping.signal)) {
      try {
        return await queue.settle(request, outcomes, end, unsaved);
      } catch (err) {
        const context = { err, correlationUid: request.correlationUid };
        if (this.#stopping.signal.aborted || since(clock, ended) >= this.#leaseMs) {
          logger.error(context, "the end of a run cannot be stored; it is given up, and its lease will end");
          return { kind: "given-up" };
        }
        logger.warn(context, "the end of a run cannot be stored; trying again");
      }
    }
  }

  /** @param ranMs how long it ran, if it did */
  async #tell(
    { id, correlationUid, device, operation, attempt, family }: ClaimedRequest,
    settled: Settled,
    ranMs?: number,
  ): Promise<void> {
    const { logger } = this.#dependencies;
    const context = { correlationUid, device, operation, attempt, ranMs };
    this.#dependencies.onEnded?.(family, endingOf(settled));
    switch (settled.kind) {
      case "given-up":
        return;
      case "lost":
        logger.warn(context, "the request's lease went to another attempt");
        return;
      case "put-back": {
        const { ending, error, dueMs } = settled;
        this.#putBacks.add({ id, attempt, delayMs: until(this.#dependencies.clock, dueMs) });
        logger.info({ ...context, error, due: new Date(dueMs).toISOString() }, PUT_BACK[ending]);
        return;
      }
      case "finished":
        if (settled.request.state === "failed") logger.warn({ ...context, error: settled.error }, "the request failed");
        else logger.info(context, "the request succeeded");
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
      for (const run of this.#runs.keys()) {
        if (run.ageMs > LONGEST_RUN_MS) run.abort("too-long");
        void this.#extendLease(run);
      }
    });
  }

  /** Says that a run lives; one that has ended does so only for the length of a lease: it must not last for ever. */
  async #extendLease(run: Run): Promise<void> {
    const { queue, logger, clock } = this.#dependencies;
    const ended = this.#ended.get(run);
    if (ended !== undefined && since(clock, ended) >= this.#leaseMs) return;
    const heldUntil = plus(clock.elapsed(), this.#leaseMs);
    try {
      // A run that was settled meanwhile is not held either, and has nothing left to abort.
      if (await queue.extendLease(run.request, this.#leaseMs)) this.#heldUntil.set(run, heldUntil);
      else run.abort("lease-lost");
    } catch (err) {
      logger.error({ err }, "a lease cannot be extended; trying again later");
      // Once a lease has ended another worker may connect to the device.
      if (clock.elapsed() >= (this.#heldUntil.get(run) ?? 0)) run.abort("lease-ended");
    }
  }
}
