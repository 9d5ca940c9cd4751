import { type Adapter, type AdapterRun, Snooze } from "../adapters/adapter.ts";
import type { Device, DeviceFamily } from "../domain/device.ts";
import { MetergateError, toErrorRecord } from "../domain/errors.ts";
import type { ActionOutcome, ClaimedRequest } from "../domain/request.ts";
import type { Clock } from "../lib/clock.ts";
import type { RequestQueue } from "../requests/queue.ts";
import type { RunEnd } from "../requests/settle.ts";
import type { StartThrottle } from "./start-throttle.ts";

/** Where the worker tells operators what happens; pino fits. Never given messages' contents or secrets. */
export interface WorkerLogger {
  info(context: Readonly<Record<string, unknown>>, text: string): void;
  warn(context: Readonly<Record<string, unknown>>, text: string): void;
  error(context: Readonly<Record<string, unknown>>, text: string): void;
}

export interface RunDependencies {
  readonly queue: RequestQueue;
  readonly adapters: ReadonlyMap<DeviceFamily, Adapter>;
  readonly throttles: ReadonlyMap<DeviceFamily, StartThrottle>;
  readonly clock: Clock;
  readonly logger: WorkerLogger;
  findDevice(identification: string): Promise<Device | undefined>;
}

/** Why a run is being aborted. */
export type AbortReason = "lease-lost" | "stopping";

/** Thrown into an adapter that reports something which is not stored any more. */
class LeaseLostError extends Error {
  readonly code = "LEASE_LOST";

  constructor() {
    super("the request's lease has gone to another attempt");
    this.name = "LeaseLostError";
  }
}

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
  #progress: Progress | undefined;

  constructor(request: ClaimedRequest, dependencies: RunDependencies) {
    this.request = request;
    this.#dependencies = dependencies;
    this.#outcomes = [...request.outcomes];
  }

  /** What is stored for the actions, by position. */
  get outcomes(): readonly (ActionOutcome | null)[] {
    return this.#outcomes;
  }

  get progress(): Progress | undefined {
    return this.#progress;
  }

  get abortReason(): AbortReason | undefined {
    return this.#controller.signal.reason;
  }

  /** Makes the adapter close its connection and return. The first reason stays. */
  abort(reason: AbortReason): void {
    this.#controller.abort(reason);
  }

  /** Runs what is unfinished; never throws. */
  async perform(): Promise<RunEnd> {
    try {
      await this.#perform();
      return this.#controller.signal.aborted ? { kind: "release" } : { kind: "ran" };
    } catch (thrown) {
      return this.#toRunEnd(thrown);
    }
  }

  #toRunEnd(thrown: unknown): RunEnd {
    if (this.#controller.signal.aborted) return { kind: "release" };
    if (thrown instanceof Snooze) return { kind: "snooze", delayMs: thrown.delayMs };
    if (!(thrown instanceof MetergateError)) {
      const { correlationUid, device } = this.request;
      this.#dependencies.logger.error({ err: thrown, correlationUid, device }, "the adapter failed: a defect");
    }
    return { kind: "error", error: toErrorRecord(thrown) };
  }

  async #perform(): Promise<void> {
    const { clock, throttles } = this.#dependencies;
    const { correlationUid, caller, actions, attempt, scheduling } = this.request;
    if (!this.#outcomes.includes(null)) return;
    const { target, device } = await this.#findDevices();
    const adapter = this.#dependencies.adapters.get(device.family);
    if (!adapter) {
      const text = `${device.family} devices are not served here`;
      throw new MetergateError("OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL", text);
    }
    await throttles.get(device.family)?.enter(this.#controller.signal);
    const { maxScheduleTimeMs } = scheduling;
    if (maxScheduleTimeMs !== undefined && clock.now() > maxScheduleTimeMs) return;
    const run: AdapterRun = {
      correlationUid,
      caller,
      target,
      device,
      actions,
      attempt,
      finished: this.request.outcomes,
      notAfterMs: maxScheduleTimeMs,
      signal: this.#controller.signal,
      report: (position, outcome) => this.#report(position, outcome),
      progress: (position, done, total) => {
        this.#progress = { position, done, total };
      },
    };
    if (!run.signal.aborted) await adapter.run(run);
  }

  async #findDevices(): Promise<{ target: Device; device: Device }> {
    const { findDevice } = this.#dependencies;
    const { device: identification, routeDevice } = this.request;
    const target = await findDevice(identification);
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
    if (!(await this.#dependencies.queue.report(this.request, position, outcome))) {
      this.abort("lease-lost");
      throw new LeaseLostError();
    }
    this.#outcomes[position] = outcome;
  }
}
