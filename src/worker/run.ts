import { type Adapter, type AdapterRun, Snooze } from "../domain/adapter.ts";
import { type Device, deviceToBe } from "../domain/device.ts";
import { MetergateError, toErrorRecord } from "../domain/errors.ts";
import type { Action, ActionOutcome, ClaimedRequest, RequestedOperation } from "../domain/request.ts";
import { type Clock, type Elapsed, since } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";
import { addsDevice, findOperation, writes } from "../operations/registry.ts";
import type { RequestQueue } from "../requests/queue.ts";
import type { RunEnd } from "../requests/settle.ts";
import { Backoff } from "./backoff.ts";
import type { Permits } from "./permits.ts";
import type { StartThrottle } from "./start-throttle.ts";

export interface RunDependencies {
  readonly queue: RequestQueue;
  readonly adapters: ReadonlyMap<Adapter["family"], Adapter>;
  readonly throttles: ReadonlyMap<Adapter["family"], StartThrottle>;
  readonly permits?: Permits | undefined;
  readonly clock: Clock;
  readonly logger: Pick<Logger, "info" | "warn" | "error">;
  findDevice(identification: string): Promise<Device | undefined>;
  /** Whether an organisation may ask for anything. */
  isEnabled(organisation: string): Promise<boolean>;
  /** @param asked what is asked for, as a part of it may need more */
  isAuthorised(
    organisation: string,
    device: string,
    operation: RequestedOperation,
    asked?: Pick<Action, "version" | "request">,
  ): Promise<boolean>;
}

/**
 * Why a run is being aborted. `lease-lost`: another attempt has the request. `lease-ended`: nobody could be told in time
 * that this one lives on. `silent`: the device says nothing and its place is needed. `too-long`: it took too long.
 */
export type AbortReason = "lease-lost" | "lease-ended" | "stopping" | "silent" | "too-long";

/** Thrown into an adapter that reports something which is not stored any more. */
class LeaseLostError extends Error {
  readonly code = "LEASE_LOST";

  constructor() {
    super("the request's lease has gone to another attempt");
    this.name = "LeaseLostError";
  }
}

/** After how long what was read in a bundle is stored before its end. */
const SAVE_READS_AFTER_MS = 1_000;

/** How far a long action has come. */
export interface Progress {
  readonly position: number;
  readonly done: number;
  readonly total: number;
}

/** One run of a claimed request, from the claim to what the adapter leaves behind. */
export class Run {
  readonly request: ClaimedRequest;
  readonly #dependencies: RunDependencies;
  readonly #controller = new AbortController();
  readonly #outcomes: (ActionOutcome | null)[];
  readonly #unsaved = new Set<number>();
  #saving: Promise<void> | undefined;
  /** When outcomes were stored last. */
  #saved: Elapsed;
  readonly #begun: Elapsed;
  readonly #earlier: Promise<void> | undefined;
  #heard: Elapsed | undefined;
  #progress: Progress | undefined;
  #left: Promise<void> = Promise.resolve();
  #complete = () => {};

  /** @param earlier what an earlier run still has to do with the device, such as to close its connection */
  constructor(request: ClaimedRequest, dependencies: RunDependencies, earlier?: Promise<void>) {
    this.request = request;
    this.#dependencies = dependencies;
    this.#earlier = earlier;
    this.#begun = dependencies.clock.elapsed();
    this.#saved = this.#begun;
    this.#outcomes = [...request.outcomes];
  }

  /** How the actions ended so far, by position. */
  get outcomes(): readonly (ActionOutcome | null)[] {
    return this.#outcomes;
  }

  /** Positions of outcomes that the store does not have yet: they go there with the end of the run. */
  get unsaved(): ReadonlySet<number> {
    return this.#unsaved;
  }

  get progress(): Progress | undefined {
    return this.#progress;
  }

  get abortReason(): AbortReason | undefined {
    return this.#controller.signal.reason;
  }

  /** How long the run has been going on, in milliseconds. */
  get ageMs(): number {
    return since(this.#dependencies.clock, this.#begun);
  }

  /** When the device was heard last; undefined while the run waits for its turn to connect, and nobody can blame it. */
  get heard(): Elapsed | undefined {
    return this.#heard;
  }

  /** Resolves when the adapter has let go of the device, in this run and those before. */
  get left(): Promise<void> {
    return this.#left;
  }

  /** Makes the adapter close its connection and return. The first reason stays. */
  abort(reason: AbortReason): void {
    this.#controller.abort(reason);
  }

  /**
   * Runs what is unfinished, until every action has its outcome or the adapter gives up; never throws. The adapter may
   * then still be about to release the association: what was asked is answered, and nobody waits for that; see `left`.
   */
  async perform(): Promise<RunEnd> {
    const complete = new Promise<RunEnd>((resolve) => {
      this.#complete = () => resolve({ kind: "ran" });
    });
    const performed = this.#perform().then(
      (): RunEnd => (this.#controller.signal.aborted ? this.#toRunEnd(undefined) : { kind: "ran" }),
      (thrown) => this.#toRunEnd(thrown),
    );
    this.#left = performed.then(() => this.#earlier);
    return Promise.race([complete, performed]);
  }

  #toRunEnd(thrown: unknown): RunEnd {
    const { correlationUid, device } = this.request;
    switch (this.abortReason) {
      case undefined:
        break;
      case "silent":
      case "too-long": {
        const why = this.abortReason === "silent" ? "said nothing for a while" : "took too long";
        return { kind: "error", error: { code: "RESPONSE_TIMEOUT", message: `Device ${device} ${why}` } };
      }
      case "lease-ended":
        return { kind: "lease-expired" };
      case "lease-lost":
      case "stopping":
        return { kind: "release" };
    }
    if (thrown instanceof Snooze) return { kind: "snooze", delayMs: thrown.delayMs };
    if (!(thrown instanceof MetergateError)) {
      this.#dependencies.logger.error({ err: thrown, correlationUid, device }, "the adapter failed: a defect");
    }
    return { kind: "error", error: toErrorRecord(thrown) };
  }

  async #perform(): Promise<void> {
    const { queue, clock, throttles, findDevice, isAuthorised } = this.#dependencies;
    const { operation, correlationUid, caller, actions, attempt, scheduling } = this.request;
    if (!this.#outcomes.includes(null)) return;
    const { target, device } = await this.#findDevices();
    const staysHere = findOperation(operation)?.runsOn === "platform";
    const family = staysHere ? "platform" : device.family;
    const adapter = this.#dependencies.adapters.get(family);
    if (!adapter) {
      const text = `${family} devices are not served here`;
      throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", text);
    }
    await this.#earlier;
    await throttles.get(family)?.enter(this.#controller.signal);
    const { maxScheduleTimeMs } = scheduling;
    if (maxScheduleTimeMs !== undefined && clock.now() > maxScheduleTimeMs) return;
    await this.#requireRights(device === target ? [target] : [target, device]);
    const run: AdapterRun = {
      correlationUid,
      caller,
      target,
      device,
      actions,
      findDevice,
      isAuthorised: (other, operation, asked) => isAuthorised(caller.organisation, other, operation, asked),
      attempt,
      finished: this.request.outcomes,
      notAfterMs: maxScheduleTimeMs,
      signal: this.#controller.signal,
      heard: () => {
        this.#heard = clock.elapsed();
      },
      report: (position, outcome) => this.#report(position, outcome),
      note: (position, note) =>
        this.#store("what is noted about an action", () => queue.note(this.request, position, note)),
      noted: (position) => queue.noted(this.request, position),
      notedBy: (other) => queue.notedBy(this.request, other),
      progress: (position, done, total) => {
        this.#progress = { position, done, total };
      },
    };
    run.heard();
    if (run.signal.aborted) return;
    const { permits } = this.#dependencies;
    const { networkSegment } = device;
    // What runs on the platform connects to nothing.
    const give = staysHere ? undefined : await permits?.take(family, networkSegment, scheduling.priority, run.signal);
    try {
      await adapter.run(run);
    } finally {
      await give?.();
    }
  }

  /** What the caller might do when it asked, it might not any more: the request may have waited for days. */
  async #requireRights(devices: readonly Device[]): Promise<void> {
    const { isEnabled, isAuthorised, findDevice } = this.#dependencies;
    const { organisation } = this.request.caller;
    if (!(await isEnabled(organisation))) {
      throw new MetergateError("DISABLED_ORGANISATION", `Organisation ${organisation} is disabled; ask the operator`);
    }
    for (const { identification } of devices) {
      // Nobody has a right on a device that is not known yet.
      if (!(await findDevice(identification))) continue;
      for (const [position, action] of this.request.actions.entries()) {
        if (this.#outcomes[position]) continue;
        if (await isAuthorised(organisation, identification, action.operation, action)) continue;
        const text = `Organisation ${organisation} is not authorised for ${action.operation} on device ${identification} any more`;
        throw new MetergateError("UNAUTHORIZED", text);
      }
    }
  }

  async #findDevices(): Promise<{ target: Device; device: Device }> {
    const { findDevice } = this.#dependencies;
    const { device: identification, routeDevice, operation } = this.request;
    const known = await findDevice(identification);
    const target = known ?? (addsDevice(operation) ? deviceToBe(identification) : undefined);
    if (!target) throw new MetergateError("UNKNOWN_DEVICE", `Device ${identification} is not known any more`);
    if (routeDevice === identification) return { target, device: target };
    const device = await findDevice(routeDevice);
    if (!device || target.gateway?.device !== routeDevice) {
      const text = `${identification} is not behind ${routeDevice} any more; send the request again`;
      throw new MetergateError("GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE", text);
    }
    return { target, device };
  }

  async #report(position: number, outcome: ActionOutcome): Promise<void> {
    if (this.#controller.signal.reason === "lease-lost") throw new LeaseLostError();
    if (!(position in this.#outcomes)) {
      throw new MetergateError("INTERNAL", `The adapter reported action ${position} of ${this.#outcomes.length}`);
    }
    this.#outcomes[position] = outcome;
    this.#unsaved.add(position);
    // The last one is stored together with the end of the run, in one write.
    const next = this.#outcomes.indexOf(null);
    if (next < 0) {
      this.#complete();
      return;
    }
    // What was read can be read again: as long as nothing is changed, it is stored now and then, and nobody waits for it.
    const { actions } = this.request;
    const changes = [position, next].some((each) => writes(actions[each]!.operation));
    if (!changes && since(this.#dependencies.clock, this.#saved) < SAVE_READS_AFTER_MS) return;
    this.#saving ??= this.#save();
    if (changes) await this.#saving;
    else this.#saving.catch(() => {});
  }

  /** Stores outcomes until none is left; those that come while some are being stored go together. */
  async #save(): Promise<void> {
    const isOver = () => !this.#outcomes.includes(null);
    try {
      while (this.#unsaved.size > 0 && !isOver()) {
        this.#saved = this.#dependencies.clock.elapsed();
        const saved = [...this.#unsaved].map((position) => ({ position, outcome: this.#outcomes[position]! }));
        // What could not be stored before the run is over goes along with its end.
        const write = async () => isOver() || this.#dependencies.queue.report(this.request, saved);
        await this.#store("what a device answered", write);
        if (!isOver()) for (const { position } of saved) this.#unsaved.delete(position);
      }
    } finally {
      this.#saving = undefined;
    }
  }

  /**
   * Stores something, however long the store takes: the device did what it did, and is not asked to do it again.
   * @throws LeaseLostError when another attempt has the request, or the run is aborted
   */
  async #store(what: string, write: () => Promise<boolean>): Promise<void> {
    const { clock, logger } = this.#dependencies;
    const { signal } = this.#controller;
    for (const backoff = new Backoff(clock); ; await backoff.wait(signal)) {
      // An outcome that could not be stored goes along with the end of the run.
      if (signal.aborted) throw new LeaseLostError();
      try {
        if (await write()) return;
      } catch (err) {
        const { correlationUid } = this.request;
        logger.warn({ err, correlationUid }, `${what} cannot be stored; trying again`);
        continue;
      }
      this.abort("lease-lost");
      throw new LeaseLostError();
    }
  }
}
