import assert from "node:assert/strict";
import { Snooze } from "../../src/domain/adapter.ts";
import { MetergateError } from "../../src/domain/errors.ts";
import type { ActionOutcome } from "../../src/domain/request.ts";
import { device, NOW_MS, READ_ALL, SYNCHRONIZE } from "../requests/environment.ts";
import { DONE, doAll, gate, SECOND_MS, untilAborted, WorkerHarness } from "./worker-harness.ts";

const REFUSED: ActionOutcome = {
  ok: false,
  error: { code: "DEVICE_REFUSED", message: "Not now.", retry: true },
};

const REFUSED_FOR_GOOD = { ok: false, error: { code: "DEVICE_REFUSED", message: "Never." } } as const;

describe("the worker", () => {
  const harness = new WorkerHarness();

  it("runs a request and tells when it has ended", async () => {
    const uid = await harness.accept();
    await harness.work();
    assert.deepEqual(
      harness.finished.map(({ correlationUid, state, outcome }) => [correlationUid, state, outcome]),
      [[uid, "succeeded", { actions: [DONE] }]],
    );
    const [run] = harness.runs;
    assert.deepEqual(
      [run?.correlationUid, run?.device.identification, run?.attempt, run?.actions, run?.finished],
      [uid, "E1", 1, [SYNCHRONIZE], [null]],
    );
  });

  it("logs how each request ended and how long it ran, a failure as a warning", async () => {
    const done = await harness.accept();
    await harness.work();
    harness.handle = async (run) => {
      harness.environment.clock.advance(SECOND_MS);
      await run.report(0, REFUSED_FOR_GOOD);
    };
    const failed = await harness.accept();
    await harness.work();
    const common = { device: "E1", operation: "SynchronizeTime", attempt: 1 };
    assert.deepEqual(harness.log, [
      { level: "info", context: { ...common, correlationUid: done, ranMs: 0 }, text: "the request succeeded" },
      {
        level: "warn",
        context: { ...common, correlationUid: failed, ranMs: SECOND_MS, error: REFUSED_FOR_GOOD.error },
        text: "the request failed",
      },
    ]);
  });

  it("tells only after the commit", async () => {
    let stateThen: Promise<string> | undefined;
    harness.onFinished = ({ correlationUid }) => {
      stateThen = harness.find(correlationUid).then(({ state }) => state);
    };
    await harness.accept();
    await harness.work();
    assert.equal(await stateThen, "succeeded");
  });

  it("connects to the gateway of an M-Bus device", async () => {
    await harness.accept({ device: "G1" });
    await harness.work();
    assert.deepEqual([harness.runs[0]?.target.identification, harness.runs[0]?.device.identification], ["G1", "E1"]);
  });

  it("runs requests of different devices at the same time, and those of one device one after the other", async () => {
    const doors = [gate(), gate(), gate()];
    harness.handle = async (run) => {
      await doors[harness.runs.indexOf(run)]!.opened;
      await doAll(run);
    };
    await harness.accept({ device: "E1" });
    await harness.accept({ device: "E1" });
    await harness.accept({ device: "E2" });
    await harness.work();
    assert.deepEqual(harness.runs.map((run) => run.device.identification).sort(), ["E1", "E2"]);
    for (const door of doors) door.open();
    await harness.work();
    assert.equal(harness.finished.length, 3);
  });

  it("runs no more at the same time than it may", async () => {
    await harness.worker.stop();
    harness.startWorker({ concurrency: 2 });
    const door = gate();
    harness.handle = async (run) => {
      await door.opened;
      await doAll(run);
    };
    for (const name of ["E1", "E2", "E3", "E4"]) await harness.accept({ device: name });
    await harness.work();
    assert.equal(harness.runs.length, 2);
    door.open();
    await harness.work();
    assert.equal(harness.finished.length, 4);
  });

  it("waits until a request is due, and wakes up for it", async () => {
    const scheduleTimeMs = NOW_MS + 3 * SECOND_MS;
    await harness.accept({ scheduling: { priority: 4, bypassRetry: false, scheduleTimeMs } });
    await harness.work();
    harness.environment.clock.advance(3 * SECOND_MS - 1);
    await harness.settled();
    assert.equal(harness.runs.length, 0);
    harness.environment.clock.advance(1);
    await harness.settled();
    assert.equal(harness.finished.length, 1);
  });

  it("finds what another process accepted, without being woken", async () => {
    await harness.accept();
    harness.environment.clock.advance(5 * SECOND_MS);
    await harness.settled();
    assert.equal(harness.finished.length, 1);
  });

  it("does not keep looking when nothing falls due", async () => {
    let looks = 0;
    const { queue } = harness.environment;
    const { claim } = queue;
    queue.claim = (...asked) => {
      looks += 1;
      return claim.call(queue, ...asked);
    };
    for (let ms = 0; ms < 10_000; ms += 10) harness.environment.clock.advance(10);
    await harness.settled();
    assert.ok(looks <= 2, `${looks} looks in 10 s`);
  });

  it("looks again when it is woken at the very end of a look", async () => {
    const { clock, queue } = harness.environment;
    const { after } = clock;
    const { claim } = queue;
    await harness.settled();
    let looks = 0;
    queue.claim = (...asked) => {
      looks += 1;
      return claim.call(queue, ...asked);
    };
    // The timer for the next look is the last thing that a look sets.
    clock.after = (delayMs, callback) => {
      clock.after = after;
      queueMicrotask(() => void harness.worker.wake());
      return after.call(clock, delayMs, callback);
    };
    await harness.worker.wake();
    await harness.settled();
    assert.equal(looks, 2);
  });

  describe("when a run fails", () => {
    it("tries again after 30 s and then 60 s, and then says why not", async () => {
      harness.handle = async () => {
        throw new MetergateError("CONNECTION_REFUSED", "Nobody listens.");
      };
      const uid = await harness.accept();
      await harness.work();
      for (const delayMs of [30 * SECOND_MS, 60 * SECOND_MS]) {
        assert.equal((await harness.find(uid)).dueMs, harness.environment.clock.now() + delayMs);
        harness.environment.clock.advance(delayMs);
        await harness.work();
      }
      assert.deepEqual(
        harness.runs.map(({ attempt }) => attempt),
        [1, 2, 3],
      );
      assert.deepEqual(harness.finished[0]?.outcome, {
        error: { code: "CONNECTION_REFUSED", message: "Nobody listens." },
      });
      assert.equal((await harness.attemptsOf(uid)).length, 3);
    });

    it("runs only the actions of a bundle that have no lasting answer yet", async () => {
      harness.handle = async ({ report, attempt }) => {
        if (attempt === 1) {
          await report(0, DONE);
          await report(1, REFUSED);
          throw new MetergateError("SOCKET_CLOSED_BY_REMOTE", "Gone.");
        }
        await report(1, DONE);
        await report(2, DONE);
      };
      await harness.accept({ operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL, SYNCHRONIZE] });
      await harness.work();
      harness.environment.clock.advance(30 * SECOND_MS);
      await harness.work();
      assert.deepEqual(harness.runs[1]?.finished, [DONE, null, null]);
      assert.deepEqual(harness.finished[0]?.outcome, { actions: [DONE, DONE, DONE] });
    });

    it("calls a defect of an adapter INTERNAL, hides its words from the caller, and lives on", async () => {
      harness.handle = async () => {
        throw new TypeError("secret is not a function");
      };
      await harness.accept();
      await harness.work();
      const [first] = harness.finished;
      assert.ok(first && "error" in first.outcome);
      assert.equal(first.outcome.error.code, "INTERNAL");
      assert.doesNotMatch(first.outcome.error.message, /secret/);
      assert.match(String(harness.errors[0]?.context.err), /secret is not a function/);
      harness.handle = doAll;
      await harness.accept();
      await harness.work();
      assert.equal(harness.finished[1]?.state, "succeeded");
    });

    it("calls it INTERNAL when an adapter returns without an answer to every action", async () => {
      harness.handle = async () => {};
      await harness.accept();
      await harness.work();
      assert.equal(
        harness.finished[0] && "error" in harness.finished[0].outcome && harness.finished[0].outcome.error.code,
        "INTERNAL",
      );
    });

    it("refuses an outcome for an action that is not there", async () => {
      harness.handle = ({ report }) => report(1, DONE);
      const uid = await harness.accept();
      await harness.work();
      assert.equal((await harness.find(uid)).error?.code, "INTERNAL");
    });

    it("says so when the device is gone, or its gateway is another one", async () => {
      const { known } = harness.environment;
      const [gone, moved] = [await harness.accept({ device: "E2" }), await harness.accept({ device: "G1" })];
      known.delete("E2");
      known.set("G1", device("G1", { gateway: { device: "E3", channel: 1 } }));
      await harness.work();
      assert.equal((await harness.find(gone)).error?.code, "UNKNOWN_DEVICE");
      assert.equal((await harness.find(moved)).error?.code, "GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE");
      assert.equal(harness.runs.length, 0);
    });

    it("says so when nobody serves the device's family", async () => {
      harness.environment.known.set("K1", device("K1", { family: "ekm" }));
      const uid = await harness.accept({ device: "K1" });
      await harness.work();
      assert.equal((await harness.find(uid)).error?.code, "OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL");
    });

    it("is not disturbed by a listener that throws", async () => {
      harness.onFinished = () => {
        throw new TypeError("not listening");
      };
      const uid = await harness.accept();
      await harness.work();
      assert.equal((await harness.find(uid)).state, "succeeded");
      assert.equal(harness.errors.length, 1);
    });
  });

  it("puts a request back for as long as the adapter asks, and does not count it", async () => {
    harness.handle = async (run) => {
      if (run.attempt <= 4) throw new Snooze(300 * SECOND_MS, "the counter is busy");
      await doAll(run);
    };
    const uid = await harness.accept();
    for (let time = 0; time < 4; time++) {
      await harness.work();
      assert.equal((await harness.find(uid)).dueMs, harness.environment.clock.now() + 300 * SECOND_MS);
      harness.environment.clock.advance(300 * SECOND_MS);
    }
    await harness.work();
    const { state, retries } = await harness.find(uid);
    assert.deepEqual([state, retries], ["succeeded", 0]);
  });

  describe("with a MaxScheduleTime", () => {
    const scheduling = { priority: 4, bypassRetry: false, maxScheduleTimeMs: NOW_MS + 10 * SECOND_MS };

    it("tells the adapter, and answers for what it did not begin", async () => {
      harness.handle = async ({ report, notAfterMs }) => {
        await report(0, DONE);
        harness.environment.clock.advance(notAfterMs! + 1 - harness.environment.clock.now());
      };
      await harness.accept({ scheduling, operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL] });
      await harness.work();
      const outcome = harness.finished[0]!.outcome;
      assert.ok("actions" in outcome);
      assert.deepEqual(
        outcome.actions.map((action) => action.ok || action.error.code),
        [true, "MAX_SCHEDULE_TIME_EXCEEDED"],
      );
    });

    it("ends a request that stands behind another one when the time passes, without running it", async () => {
      harness.handle = untilAborted;
      await harness.accept();
      const uid = await harness.accept({ scheduling });
      await harness.work();
      harness.environment.clock.advance(5 * SECOND_MS);
      await harness.work();
      harness.environment.clock.advance(5 * SECOND_MS + 1);
      await harness.work();
      assert.equal((await harness.find(uid)).error?.code, "MAX_SCHEDULE_TIME_EXCEEDED");
      assert.equal(harness.runs.length, 1);
    });
  });

  it("connects to nothing when every action of a bundle was answered before", async () => {
    harness.environment.unsupported.add("GetAllAttributeValues");
    await harness.accept({ operation: "Bundle", actions: [READ_ALL] });
    await harness.work();
    assert.equal(harness.runs.length, 0);
    assert.equal(harness.finished[0]?.state, "failed");
  });

  it("shows how far a long action has come", async () => {
    harness.handle = (run) => {
      run.progress(0, 3, 10);
      return untilAborted(run);
    };
    const uid = await harness.accept();
    await harness.work();
    const progress = { position: 0, done: 3, total: 10 };
    assert.deepEqual(harness.worker.running(), [
      { correlationUid: uid, device: "E1", routeDevice: "E1", attempt: 1, progress },
    ]);
  });

  it("spaces out the beginnings of connections", async () => {
    await harness.worker.stop();
    harness.startWorker({ startLimits: { dlms: { count: 1, windowMs: SECOND_MS } } });
    for (const name of ["E1", "E2", "E3"]) await harness.accept({ device: name });
    await harness.work();
    assert.equal(harness.runs.length, 1);
    for (const expected of [2, 3]) {
      harness.environment.clock.advance(SECOND_MS);
      await harness.work();
      assert.equal(harness.runs.length, expected);
    }
  });

  it("lives through a store that cannot be written for a while", async () => {
    const { sql } = harness.environment.store;
    sql.run("create trigger broken before update on request begin select raise(abort, 'disk'); end");
    const uid = await harness.accept();
    await harness.work();
    assert.ok(harness.errors.length > 0);
    sql.run("drop trigger broken");
    harness.environment.clock.advance(5 * SECOND_MS);
    await harness.work();
    assert.equal((await harness.find(uid)).state, "succeeded");
  });
});
