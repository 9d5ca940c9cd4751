import assert from "node:assert/strict";
import fc from "fast-check";
import type { AdapterRun } from "../../src/domain/adapter.ts";
import { systemRandom } from "../../src/lib/random.ts";
import type { RequestQueue } from "../../src/requests/queue.ts";
import { Worker } from "../../src/worker/worker.ts";
import { type Environment, input, openEnvironment, READ_ALL, SYNCHRONIZE } from "../requests/environment.ts";
import { DONE } from "./worker-harness.ts";

const LEASE_MS = 60_000;
const SECOND_MS = 1000;

/** What happens next: a step of something that waits, time, trouble, or work. */
type Event =
  | { readonly kind: "go-on"; readonly count: number }
  | { readonly kind: "pass"; readonly seconds: number }
  | { readonly kind: "step"; readonly minutes: number }
  | { readonly kind: "break-writes"; readonly times: number }
  | { readonly kind: "kill" }
  | { readonly kind: "accept"; readonly device: string; readonly bundle: boolean };

const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant("go-on" as const), count: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("pass" as const), seconds: fc.constantFrom(1, 5, 20, 61) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("step" as const), minutes: fc.constantFrom(-60, 5, 60) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("break-writes" as const), times: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "kill" as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("accept" as const),
      device: fc.constantFrom("E1", "E2"),
      bundle: fc.boolean(),
    }),
  },
);

/** Without trouble: nobody dies, and everything can be written. */
const calmEvent = event.filter(({ kind }) => kind !== "kill" && kind !== "break-writes");

/** A run of a device, and whether anything of it can still happen. */
interface DeviceRun {
  readonly run: AdapterRun;
  readonly owner: Life;
}

/** A worker with its own way to the queue, which ends with its life. */
interface Life {
  readonly worker: Worker;
  dead: boolean;
}

/** Workers over one database, whose every step waits for the scheduler to be let on. */
class World {
  readonly #environment: Environment;
  readonly #scheduler: fc.Scheduler;
  readonly talking = new Set<DeviceRun>();
  readonly uids: string[] = [];
  /** How often the device did each action, by correlation UID and position. */
  readonly done = new Map<string, number>();
  readonly findings: string[] = [];
  brokenWrites = 0;
  kills = 0;
  lives: Life[] = [];

  constructor(environment: Environment, scheduler: fc.Scheduler) {
    this.#environment = environment;
    this.#scheduler = scheduler;
    this.begin();
  }

  begin(): void {
    const { clock, known } = this.#environment;
    const life: { worker?: Worker; dead: boolean } = { dead: false };
    const worker = new Worker(
      {
        queue: this.#queueOf(life as Life),
        adapters: [{ family: "dlms", whyUnsupported: () => undefined, run: (run) => this.#talk(run, life as Life) }],
        clock,
        random: systemRandom,
        logger: { info: () => {}, warn: () => {}, error: () => {} },
        findDevice: async (identification) => known.get(identification),
        isEnabled: async () => true,
        isAuthorised: async () => true,
      },
      { concurrency: 4, leaseMs: LEASE_MS },
    );
    life.worker = worker;
    this.lives.push(life as Life);
    worker.start();
  }

  /** The queue as a worker sees it: each call waits for its turn, some writes fail, and the dead are heard no more. */
  #queueOf(life: Life): RequestQueue {
    const { queue } = this.#environment;
    const isWrite = new Set<PropertyKey>(["settle", "report", "extendLease", "rescue"]);
    return new Proxy(queue, {
      get: (target, name) => {
        const method = Reflect.get(target, name, target);
        if (typeof method !== "function") return method;
        return async (...args: unknown[]) => {
          await this.#turn(String(name), life);
          if (isWrite.has(name) && this.brokenWrites > 0) {
            this.brokenWrites--;
            throw new Error("database is locked");
          }
          const result = await method.apply(target, args);
          await this.#turn(`${String(name)} is done`, life);
          return result;
        };
      },
    });
  }

  async #turn(label: string, life: Life): Promise<void> {
    if (!life.dead) await this.#scheduler.schedule(Promise.resolve(), label);
    // Nothing ever comes back to a dead process.
    if (life.dead) await new Promise(() => {});
  }

  async #talk(run: AdapterRun, owner: Life): Promise<void> {
    const others = [...this.talking].filter(
      (other) => other.run.device === run.device && !other.owner.dead && !other.run.signal.aborted,
    );
    if (others.length > 0) this.findings.push(`two runs talk to ${run.device.identification}`);
    const entry = { run, owner };
    this.talking.add(entry);
    try {
      for (const position of run.actions.keys()) {
        if (run.finished[position]) continue;
        await this.#turn("a device answers", owner);
        if (run.signal.aborted) throw new Error("aborted");
        const action = `${run.correlationUid}/${position}`;
        this.done.set(action, (this.done.get(action) ?? 0) + 1);
        await run.report(position, DONE);
      }
      await this.#turn("a device lets go", owner);
    } finally {
      this.talking.delete(entry);
    }
  }

  async apply(event: Event): Promise<void> {
    const { clock, acceptance } = this.#environment;
    switch (event.kind) {
      case "go-on":
        for (let i = 0; i < event.count; i++) await this.goOn();
        return;
      case "pass":
        for (let second = 0; second < event.seconds; second += 5) {
          clock.advance(Math.min(5, event.seconds - second) * SECOND_MS);
          await this.goOn();
        }
        return;
      case "step":
        clock.step(event.minutes * 60 * SECOND_MS);
        return;
      case "break-writes":
        this.brokenWrites += event.times;
        return;
      case "kill": {
        const [oldest] = this.lives;
        if (this.kills >= 2 || !oldest) return;
        this.kills++;
        oldest.dead = true;
        this.lives = this.lives.filter((life) => life !== oldest);
        this.begin();
        return;
      }
      case "accept": {
        const actions = event.bundle ? [SYNCHRONIZE, READ_ALL] : [SYNCHRONIZE];
        const operation = event.bundle ? ("Bundle" as const) : actions[0]!.operation;
        const { correlationUid } = await acceptance.accept(input({ device: event.device, operation, actions }));
        this.uids.push(correlationUid);
        for (const { worker } of this.lives) void worker.wake();
        await this.goOn();
      }
    }
  }

  /** Lets one of those that wait go on, and the database do what follows. */
  async goOn(): Promise<void> {
    await this.#settle();
    if (this.#scheduler.count() > 0) await this.#scheduler.waitNext(1);
    await this.#settle();
  }

  #settle(): Promise<void> {
    return this.#environment.store.idle(6);
  }

  /** Nothing goes wrong any more: everything comes to its end within some leases and retries. */
  async end(): Promise<void> {
    this.brokenWrites = 0;
    const { clock, store } = this.#environment;
    const unfinished = () => store.sql.rows("select correlation_uid, state from request where finished_ms is null");
    for (let seconds = 0; seconds < 900; seconds += 5) {
      for (let turn = 0; turn < 200 && this.#scheduler.count() > 0; turn++) await this.goOn();
      if (unfinished().length === 0) break;
      clock.advance(5 * SECOND_MS);
      await this.#settle();
    }
    for (const { correlation_uid, state } of unfinished())
      this.findings.push(`${correlation_uid} is ${state} for ever`);
    for (const life of this.lives) life.dead = true;
  }
}

describe("workers, heartbeats, ends of runs and rescues, in any order", () => {
  let environment: Environment;

  before(async () => {
    environment = await openEnvironment();
  });
  after(() => environment.close());

  it("leave no request behind, run one per device, and have nothing done twice that was told", async () => {
    const property = fc.asyncProperty(
      fc.scheduler(),
      fc.oneof(
        fc.array(event, { minLength: 10, maxLength: 40, size: "max" }),
        fc.array(calmEvent, { minLength: 10, maxLength: 40, size: "max" }),
      ),
      async (scheduler, events) => {
        environment.store.sql.run("delete from request");
        const world = new World(environment, scheduler);
        for (const each of events) await world.apply(each);
        await world.end();
        // A lease that ended, by a death or a minute in which nothing could be written, is the only reason to ask again.
        const lost = environment.store.sql.rows(
          `select correlation_uid, count(*) as times from request join request_attempt on request_id = id
           where request_attempt.error_code = 'LEASE_EXPIRED' group by id`,
        );
        const isTrouble = events.some(({ kind }) => kind === "kill" || kind === "break-writes");
        if (!isTrouble) assert.deepEqual(lost, [], "somebody who lives was taken for dead");
        const allowed = new Map(lost.map((row) => [String(row.correlation_uid), 1 + Number(row.times)]));
        const twice = [...world.done]
          .filter(([action, times]) => times > (allowed.get(action.slice(0, action.lastIndexOf("/"))) ?? 1))
          .map(([action]) => `${action} again`);
        assert.deepEqual([...world.findings, ...twice], []);
      },
    );
    await fc.assert(property, { numRuns: 30, endOnFailure: true });
  });
});
