import assert from "node:assert/strict";
import type { Adapter, AdapterRun } from "../../src/domain/adapter.ts";
import type { ActionOutcome, FinishedRequest } from "../../src/domain/request.ts";
import type { Logger } from "../../src/lib/logger.ts";
import { systemRandom } from "../../src/lib/random.ts";
import type { StoredAttempt, StoredRequest } from "../../src/store/requests.ts";
import { Worker, type WorkerSettings } from "../../src/worker/worker.ts";
import { type Environment, input, openEnvironment } from "../requests/environment.ts";

export const DONE: ActionOutcome = { ok: true, result: {} };
export const SECOND_MS = 1000;

/** A promise that somebody else resolves. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** Reports success for whatever is unfinished. */
export async function doAll({ actions, finished, report }: AdapterRun): Promise<void> {
  for (const position of actions.keys()) if (!finished[position]) await report(position, DONE);
}

/** Waits until the run is aborted, as an adapter that waits for a device does. */
export function untilAborted({ signal }: AdapterRun): Promise<void> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
}

/** A worker over an environment of its own, with an adapter that does what the test says; registers its hooks. */
export class WorkerHarness {
  environment!: Environment;
  worker!: Worker;
  /** What the adapter does with the next run. */
  handle: (run: AdapterRun) => Promise<void> = doAll;
  onFinished: (request: FinishedRequest) => void = () => {};
  readonly disabled = new Set<string>();
  readonly runs: AdapterRun[] = [];
  readonly finished: FinishedRequest[] = [];
  readonly log: { level: "info" | "warn"; context: Readonly<Record<string, unknown>>; text: string }[] = [];
  readonly errors: { context: Readonly<Record<string, unknown>>; text: string }[] = [];

  constructor() {
    beforeEach(async () => {
      this.environment = await openEnvironment();
      this.handle = doAll;
      this.disabled.clear();
      for (const list of [this.runs, this.finished, this.log, this.errors]) list.length = 0;
      this.onFinished = (request) => this.finished.push(request);
      this.startWorker();
      await this.worker.wake();
    });
    afterEach(async () => {
      await this.worker.stop();
      await this.environment.close();
    });
  }

  startWorker(settings: WorkerSettings = {}, families: readonly string[] = ["dlms"]): void {
    const { queue, clock, known } = this.environment;
    const adapters = families.map(
      (family): Adapter => ({
        family,
        whyUnsupported: () => undefined,
        run: (run) => {
          this.runs.push(run);
          return this.handle(run);
        },
      }),
    );
    const logger: Pick<Logger, "info" | "warn" | "error"> = {
      info: (context, text) => this.log.push({ level: "info", context, text }),
      warn: (context, text) => this.log.push({ level: "warn", context, text }),
      error: (context, text) => this.errors.push({ context, text }),
    };
    const dependencies = { queue, clock, logger, adapters, random: systemRandom };
    this.worker = new Worker(
      {
        ...dependencies,
        findDevice: async (identification) => known.get(identification),
        isEnabled: async (organisation) => !this.disabled.has(organisation),
        isAuthorised: async (organisation, device, operation) =>
          !this.environment.unauthorised.has(`${organisation} ${device} ${operation}`),
        onFinished: (request) => this.onFinished(request),
      },
      settings,
    );
    this.worker.start();
  }

  async accept(fields: Parameters<typeof input>[0] = {}): Promise<string> {
    return (await this.environment.acceptance.accept(input(fields))).correlationUid;
  }

  async find(correlationUid: string): Promise<StoredRequest> {
    const request = await this.environment.store.requests.find(correlationUid);
    assert.ok(request);
    return request;
  }

  async attemptsOf(correlationUid: string): Promise<StoredAttempt[]> {
    const { id } = await this.find(correlationUid);
    return this.environment.store.requests.attempts(id);
  }

  /** Lets the worker do everything that there is to do at this time. */
  async work(): Promise<void> {
    do await this.worker.wake();
    while (await this.settled());
  }

  /** Lets runs come to their end that wait for nothing but the event loop; true when something changed. */
  async settled(): Promise<boolean> {
    const state = () => `${this.finished.length} ${this.worker.running().length}`;
    const before = state();
    await this.environment.store.idle(50);
    return state() !== before;
  }
}
