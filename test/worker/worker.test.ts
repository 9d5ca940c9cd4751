import assert from "node:assert/strict";
import { type Adapter, type AdapterRun, Snooze } from "../../src/adapters/adapter.ts";
import { MetergateError } from "../../src/domain/errors.ts";
import type { ActionOutcome, FinishedRequest } from "../../src/domain/request.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { RequestsRepository } from "../../src/store/requests-repository.ts";
import type { WorkerLogger } from "../../src/worker/run.ts";
import { Worker, type WorkerSettings } from "../../src/worker/worker.ts";
import {
  device,
  type Environment,
  input,
  NOW_MS,
  openEnvironment,
  READ_ALL,
  SYNCHRONIZE,
} from "../requests/environment.ts";

const DONE: ActionOutcome = { ok: true, result: {} };
const REFUSED: ActionOutcome = { ok: false, error: { code: "DEVICE_REFUSED", message: "No." } };
const SECOND_MS = 1000;

/** A promise that somebody else resolves. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = () => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open: () => open() };
}

/** Reports success for whatever is unfinished. */
async function doAll({ actions, finished, report }: AdapterRun): Promise<void> {
  for (const position of actions.keys()) if (!finished[position]) await report(position, DONE);
}

/** Waits until the run is aborted, as an adapter that waits for a device does. */
function untilAborted({ signal }: AdapterRun): Promise<void> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
}

describe("the worker", () => {
  let environment: Environment;
  let worker: Worker;
  /** What the adapter does with the next run. */
  let handle: (run: AdapterRun) => Promise<void>;
  const runs: AdapterRun[] = [];
  const finished: FinishedRequest[] = [];
  const errors: { context: Readonly<Record<string, unknown>>; text: string }[] = [];
  let onFinished: (request: FinishedRequest) => void;

  const adapter: Adapter = {
    family: "dlms",
    supports: () => true,
    run: (run) => {
      runs.push(run);
      return handle(run);
    },
  };

  const logger: WorkerLogger = {
    info: () => {},
    warn: () => {},
    error: (context, text) => errors.push({ context, text }),
  };

  function startWorker(settings: WorkerSettings = {}): Worker {
    const started = new Worker(
      {
        queue: environment.queue,
        adapters: [adapter],
        clock: environment.clock,
        random: systemRandom,
        logger,
        findDevice: async (identification) => environment.known.get(identification),
        onFinished: (request) => onFinished(request),
      },
      settings,
    );
    started.start();
    return started;
  }

  beforeEach(async () => {
    environment = await openEnvironment();
    handle = doAll;
    for (const list of [runs, finished, errors]) list.length = 0;
    onFinished = (request) => finished.push(request);
    worker = startWorker();
    await worker.wake();
  });

  afterEach(async () => {
    await worker.stop();
    await environment.close();
  });

  const accept = async (fields: Parameters<typeof input>[0] = {}) =>
    (await environment.acceptance.accept(input(fields))).correlationUid;
  const find = async (correlationUid: string) =>
    (await new RequestsRepository().find(environment.database.knex, correlationUid))!;
  const attemptsOf = async (correlationUid: string) =>
    new RequestsRepository().findAttempts(environment.database.knex, (await find(correlationUid)).id);

  /** Lets the worker do everything that there is to do at this time. */
  async function work(): Promise<void> {
    do await worker.wake();
    while (await settled());
  }

  /** Waits for runs that end by themselves; true when one did. */
  async function settled(): Promise<boolean> {
    const before = finished.length + worker.running().length * 1000;
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    return finished.length + worker.running().length * 1000 !== before;
  }

  it("runs a request and tells when it has ended", async () => {
    const uid = await accept();
    await work();
    assert.deepEqual(
      finished.map(({ correlationUid, state, outcome }) => [correlationUid, state, outcome]),
      [[uid, "succeeded", { actions: [DONE] }]],
    );
    const [run] = runs;
    assert.deepEqual(
      [run?.correlationUid, run?.device.identification, run?.attempt, run?.actions, run?.finished],
      [uid, "E1", 1, [SYNCHRONIZE], [null]],
    );
  });

  it("tells only after the commit", async () => {
    let stateThen: Promise<string> | undefined;
    onFinished = ({ correlationUid }) => {
      stateThen = find(correlationUid).then(({ state }) => state);
    };
    await accept();
    await work();
    assert.equal(await stateThen, "succeeded");
  });

  it("connects to the gateway of an M-Bus device", async () => {
    await accept({ device: "G1" });
    await work();
    assert.deepEqual([runs[0]?.target.identification, runs[0]?.device.identification], ["G1", "E1"]);
  });

  it("runs requests of different devices at the same time, and those of one device one after the other", async () => {
    const doors = [gate(), gate(), gate()];
    handle = async (run) => {
      await doors[runs.indexOf(run)]!.opened;
      await doAll(run);
    };
    await accept({ device: "E1" });
    await accept({ device: "E1" });
    await accept({ device: "E2" });
    await work();
    assert.deepEqual(runs.map((run) => run.device.identification).sort(), ["E1", "E2"]);
    for (const door of doors) door.open();
    await work();
    assert.equal(finished.length, 3);
  });

  it("runs no more at the same time than it may", async () => {
    await worker.stop();
    worker = startWorker({ concurrency: 2 });
    const door = gate();
    handle = async (run) => {
      await door.opened;
      await doAll(run);
    };
    for (const name of ["E1", "E2", "E3", "E4"]) await accept({ device: name });
    await work();
    assert.equal(runs.length, 2);
    door.open();
    await work();
    assert.equal(finished.length, 4);
  });

  it("waits until a request is due, and wakes up for it", async () => {
    const scheduleTimeMs = NOW_MS + 3 * SECOND_MS;
    await accept({ scheduling: { priority: 4, bypassRetry: false, scheduleTimeMs } });
    await work();
    environment.clock.advance(3 * SECOND_MS - 1);
    await settled();
    assert.equal(runs.length, 0);
    environment.clock.advance(1);
    await settled();
    assert.equal(finished.length, 1);
  });

  it("finds what another process accepted, without being woken", async () => {
    await accept();
    environment.clock.advance(5 * SECOND_MS);
    await settled();
    assert.equal(finished.length, 1);
  });

  it("does not keep looking when nothing falls due", async () => {
    let looks = 0;
    const { queue } = environment;
    const { nextEventMs } = queue;
    queue.nextEventMs = () => {
      looks += 1;
      return nextEventMs.call(queue);
    };
    for (let ms = 0; ms < 10_000; ms += 10) environment.clock.advance(10);
    await settled();
    assert.ok(looks <= 2, `${looks} looks in 10 s`);
  });

  describe("when a run fails", () => {
    it("tries again after 30 s and then 60 s, and then says why not", async () => {
      handle = async () => {
        throw new MetergateError("CONNECTION_REFUSED", "Nobody listens.");
      };
      const uid = await accept();
      await work();
      for (const delayMs of [30 * SECOND_MS, 60 * SECOND_MS]) {
        assert.equal((await find(uid)).dueMs, environment.clock.now() + delayMs);
        environment.clock.advance(delayMs);
        await work();
      }
      assert.deepEqual(
        runs.map(({ attempt }) => attempt),
        [1, 2, 3],
      );
      assert.deepEqual(finished[0]?.outcome, { error: { code: "CONNECTION_REFUSED", message: "Nobody listens." } });
      assert.equal((await attemptsOf(uid)).length, 3);
    });

    it("runs only the actions of a bundle that have no lasting answer yet", async () => {
      handle = async ({ report, attempt }) => {
        if (attempt === 1) {
          await report(0, DONE);
          await report(1, REFUSED);
          throw new MetergateError("SOCKET_CLOSED_BY_REMOTE", "Gone.");
        }
        await report(1, DONE);
        await report(2, DONE);
      };
      await accept({ operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL, SYNCHRONIZE] });
      await work();
      environment.clock.advance(30 * SECOND_MS);
      await work();
      assert.deepEqual(runs[1]?.finished, [DONE, null, null]);
      assert.deepEqual(finished[0]?.outcome, { actions: [DONE, DONE, DONE] });
    });

    it("calls a defect of an adapter INTERNAL, hides its words from the caller, and lives on", async () => {
      handle = async () => {
        throw new TypeError("secret is not a function");
      };
      await accept();
      await work();
      const [first] = finished;
      assert.ok(first && "error" in first.outcome);
      assert.equal(first.outcome.error.code, "INTERNAL");
      assert.doesNotMatch(first.outcome.error.message, /secret/);
      assert.match(String(errors[0]?.context.err), /secret is not a function/);
      handle = doAll;
      await accept();
      await work();
      assert.equal(finished[1]?.state, "succeeded");
    });

    it("calls it INTERNAL when an adapter returns without an answer to every action", async () => {
      handle = async () => {};
      await accept();
      await work();
      assert.equal(finished[0] && "error" in finished[0].outcome && finished[0].outcome.error.code, "INTERNAL");
    });

    it("refuses an outcome for an action that is not there", async () => {
      handle = ({ report }) => report(1, DONE);
      const uid = await accept();
      await work();
      assert.equal((await find(uid)).error?.code, "INTERNAL");
    });

    it("says so when the device is gone, or its gateway is another one", async () => {
      const { known } = environment;
      const [gone, moved] = [await accept({ device: "E2" }), await accept({ device: "G1" })];
      known.delete("E2");
      known.set("G1", device("G1", { gateway: { device: "E3", channel: 1 } }));
      await work();
      assert.equal((await find(gone)).error?.code, "UNKNOWN_DEVICE");
      assert.equal((await find(moved)).error?.code, "GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE");
      assert.equal(runs.length, 0);
    });

    it("says so when nobody serves the device's family", async () => {
      environment.known.set("K1", device("K1", { family: "ekm" }));
      const uid = await accept({ device: "K1" });
      await work();
      assert.equal((await find(uid)).error?.code, "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL");
    });

    it("is not disturbed by a listener that throws", async () => {
      onFinished = () => {
        throw new TypeError("not listening");
      };
      const uid = await accept();
      await work();
      assert.equal((await find(uid)).state, "succeeded");
      assert.equal(errors.length, 1);
    });
  });

  it("puts a request back for as long as the adapter asks, and does not count it", async () => {
    handle = async (run) => {
      if (run.attempt <= 4) throw new Snooze(300 * SECOND_MS, "the counter is busy");
      await doAll(run);
    };
    const uid = await accept();
    for (let time = 0; time < 4; time++) {
      await work();
      assert.equal((await find(uid)).dueMs, environment.clock.now() + 300 * SECOND_MS);
      environment.clock.advance(300 * SECOND_MS);
    }
    await work();
    const { state, retries } = await find(uid);
    assert.deepEqual([state, retries], ["succeeded", 0]);
  });

  describe("with a MaxScheduleTime", () => {
    const scheduling = { priority: 4, bypassRetry: false, maxScheduleTimeMs: NOW_MS + 10 * SECOND_MS };

    it("tells the adapter, and answers for what it did not begin", async () => {
      handle = async ({ report, notAfterMs }) => {
        await report(0, DONE);
        environment.clock.advance(notAfterMs! + 1 - environment.clock.now());
      };
      await accept({ scheduling, operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL] });
      await work();
      const outcome = finished[0]!.outcome;
      assert.ok("actions" in outcome);
      assert.deepEqual(
        outcome.actions.map((action) => action.ok || action.error.code),
        [true, "MAX_SCHEDULE_TIME_EXCEEDED"],
      );
    });

    it("ends a request that stands behind another one when the time passes, without running it", async () => {
      handle = untilAborted;
      await accept();
      const uid = await accept({ scheduling });
      await work();
      environment.clock.advance(5 * SECOND_MS);
      await work();
      environment.clock.advance(5 * SECOND_MS + 1);
      await work();
      assert.equal((await find(uid)).error?.code, "MAX_SCHEDULE_TIME_EXCEEDED");
      assert.equal(runs.length, 1);
    });
  });

  it("connects to nothing when every action of a bundle was answered before", async () => {
    environment.unsupported.add("GetAllAttributeValues");
    await accept({ operation: "Bundle", actions: [READ_ALL] });
    await work();
    assert.equal(runs.length, 0);
    assert.equal(finished[0]?.state, "failed");
  });

  it("shows how far a long action has come", async () => {
    handle = (run) => {
      run.progress(0, 3, 10);
      return untilAborted(run);
    };
    const uid = await accept();
    await work();
    const progress = { position: 0, done: 3, total: 10 };
    assert.deepEqual(worker.running(), [
      { correlationUid: uid, device: "E1", routeDevice: "E1", attempt: 1, progress },
    ]);
  });

  it("spaces out the beginnings of connections", async () => {
    await worker.stop();
    worker = startWorker({ startLimits: { dlms: { count: 1, windowMs: SECOND_MS } } });
    for (const name of ["E1", "E2", "E3"]) await accept({ device: name });
    await work();
    assert.equal(runs.length, 1);
    for (const expected of [2, 3]) {
      environment.clock.advance(SECOND_MS);
      await work();
      assert.equal(runs.length, expected);
    }
  });

  describe("and its leases", () => {
    it("keeps them for as long as a run takes", async () => {
      const door = gate();
      handle = async (run) => {
        await door.opened;
        await doAll(run);
      };
      const uid = await accept();
      await work();
      for (let third = 0; third < 12; third++) {
        environment.clock.advance(20 * SECOND_MS);
        await work();
      }
      door.open();
      await work();
      const { state, attempt } = await find(uid);
      assert.deepEqual([state, attempt], ["succeeded", 1]);
    });

    it("takes over what a dead worker held", async () => {
      const uid = await accept();
      await environment.queue.claim("dead", 1, 60 * SECOND_MS);
      await work();
      assert.equal(runs.length, 0);
      for (let second = 0; second < 61; second++) {
        environment.clock.advance(SECOND_MS);
        await work();
      }
      assert.equal((await find(uid)).state, "succeeded");
      assert.equal(runs[0]?.attempt, 2);
    });

    it("stops a run whose lease went to another attempt, and writes nothing of it", async () => {
      const [door, aborted] = [gate(), gate()];
      handle = async (run) => {
        run.signal.addEventListener("abort", () => aborted.open());
        await door.opened;
        await doAll(run);
      };
      const uid = await accept();
      await work();
      const lost = { attempt: 7, worker: "other", lease_until_ms: NOW_MS + 600 * SECOND_MS };
      await environment.database.knex("request").where({ correlation_uid: uid }).update(lost);
      environment.clock.advance(20 * SECOND_MS);
      await aborted.opened;
      door.open();
      await work();
      const { state, attempt, outcomes } = await find(uid);
      assert.deepEqual([state, attempt, outcomes], ["running", 7, [null]]);
      assert.deepEqual(finished, []);
      assert.deepEqual(errors, []);
    });

    it("notices the loss at the next report, too", async () => {
      const door = gate();
      let reported: Promise<void> | undefined;
      handle = async ({ report }) => {
        await door.opened;
        reported = report(0, DONE);
        await reported;
      };
      const uid = await accept();
      await work();
      await environment.database.knex("request").where({ correlation_uid: uid }).update({ attempt: 7 });
      door.open();
      await work();
      await assert.rejects(reported!, { code: "LEASE_LOST" });
      assert.deepEqual(finished, []);
    });
  });

  describe("when it is to end", () => {
    it("drains: takes nothing more on and waits for what runs", async () => {
      const door = gate();
      handle = async (run) => {
        await door.opened;
        await doAll(run);
      };
      const running = await accept({ device: "E1" });
      await work();
      let drained = false;
      const drain = worker.drain().then(() => {
        drained = true;
      });
      const waiting = await accept({ device: "E2" });
      await worker.wake();
      await settled();
      assert.equal(drained, false);
      door.open();
      await drain;
      assert.equal((await find(running)).state, "succeeded");
      assert.equal((await find(waiting)).state, "waiting");
    });

    it("keeps the leases of what it drains", async () => {
      const door = gate();
      handle = async (run) => {
        await door.opened;
        await doAll(run);
      };
      const uid = await accept();
      await work();
      const drain = worker.drain();
      environment.clock.advance(20 * SECOND_MS);
      await settled();
      assert.equal((await find(uid)).leaseUntilMs, NOW_MS + 80 * SECOND_MS);
      door.open();
      await drain;
    });

    it("stops: aborts what runs and puts it back, uncounted, with what was done", async () => {
      handle = async (run) => {
        await run.report(0, DONE);
        await untilAborted(run);
      };
      const uid = await accept({ operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL] });
      await work();
      await worker.stop();
      const { state, retries, outcomes, dueMs } = await find(uid);
      assert.deepEqual([state, retries, outcomes, dueMs], ["waiting", 0, [DONE, null], NOW_MS]);
      assert.equal((await attemptsOf(uid))[0]?.ending, "released");

      handle = doAll;
      worker = startWorker();
      await work();
      assert.deepEqual([runs[1]?.attempt, runs[1]?.finished], [2, [DONE, null]]);
      assert.equal((await find(uid)).state, "succeeded");
    });

    it("leaves no timer behind", async () => {
      await worker.stop();
      await accept();
      environment.clock.advance(3600 * SECOND_MS);
      await settled();
      assert.equal(runs.length, 0);
    });
  });

  it("lives through a store that cannot be written for a while", async () => {
    const { knex } = environment.database;
    await knex.raw("create trigger broken before update on request begin select raise(abort, 'disk'); end");
    const uid = await accept();
    await work();
    assert.ok(errors.length > 0);
    await knex.raw("drop trigger broken");
    environment.clock.advance(5 * SECOND_MS);
    await work();
    assert.equal((await find(uid)).state, "succeeded");
  });
});
