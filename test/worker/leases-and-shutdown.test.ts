import assert from "node:assert/strict";
import { MetergateError } from "../../src/domain/errors.ts";
import { NOW_MS, READ_ALL, SYNCHRONIZE } from "../requests/environment.ts";
import { DONE, doAll, gate, SECOND_MS, untilAborted, WorkerHarness } from "./worker-harness.ts";

describe("the worker", () => {
  const harness = new WorkerHarness();

  describe("and its leases", () => {
    it("keeps them for as long as a run takes", async () => {
      const door = gate();
      harness.handle = async (run) => {
        await door.opened;
        await doAll(run);
      };
      const uid = await harness.accept();
      await harness.work();
      for (let third = 0; third < 12; third++) {
        harness.environment.clock.advance(20 * SECOND_MS);
        await harness.work();
      }
      door.open();
      await harness.work();
      const { state, attempt } = await harness.find(uid);
      assert.deepEqual([state, attempt], ["succeeded", 1]);
    });

    it("takes over what a dead worker held", async () => {
      const uid = await harness.accept();
      await harness.environment.queue.claim("dead", 1, 60 * SECOND_MS);
      await harness.work();
      assert.equal(harness.runs.length, 0);
      // The lease stands still for its length from when it is first looked at, within five seconds.
      for (let second = 0; second < 66; second++) {
        harness.environment.clock.advance(SECOND_MS);
        await harness.work();
      }
      assert.equal((await harness.find(uid)).state, "succeeded");
      assert.equal(harness.runs[0]?.attempt, 2);
    });

    it("stops a run whose lease went to another attempt, and writes nothing of it", async () => {
      const [door, aborted] = [gate(), gate()];
      harness.handle = async (run) => {
        run.signal.addEventListener("abort", () => aborted.open());
        await door.opened;
        await doAll(run);
      };
      const uid = await harness.accept();
      await harness.work();
      harness.environment.store.sql.run(
        "update request set attempt = 7, worker = 'other', lease_until_ms = ? where correlation_uid = ?",
        ...[NOW_MS + 600 * SECOND_MS, uid],
      );
      harness.environment.clock.advance(20 * SECOND_MS);
      await aborted.opened;
      door.open();
      await harness.work();
      const { state, attempt, outcomes } = await harness.find(uid);
      assert.deepEqual([state, attempt, outcomes], ["running", 7, [null]]);
      assert.deepEqual(harness.finished, []);
      assert.deepEqual(harness.errors, []);
    });

    it("stops a run when its lease has ended unextended, because another worker may have the device by then", async () => {
      const aborted: number[] = [];
      harness.handle = (run) => {
        run.signal.addEventListener("abort", () => aborted.push(harness.environment.clock.now() - NOW_MS));
        return untilAborted(run);
      };
      await harness.accept();
      await harness.work();
      const { queue, clock } = harness.environment;
      queue.extendLease =
        queue.claim =
        queue.settle =
          async () => {
            throw new Error("the database is gone");
          };
      for (let second = 1; second <= 80; second++) {
        clock.advance(SECOND_MS);
        await harness.settled();
      }
      assert.deepEqual(aborted, [60 * SECOND_MS]);
    });

    it("notices the loss at the next report, too", async () => {
      const door = gate();
      let reported: Promise<void> | undefined;
      harness.handle = async ({ report }) => {
        await door.opened;
        reported = report(0, DONE);
        await reported;
      };
      const uid = await harness.accept({ operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL] });
      await harness.work();
      harness.environment.store.sql.run("update request set attempt = 7 where correlation_uid = ?", uid);
      door.open();
      await harness.work();
      await assert.rejects(reported!, { code: "LEASE_LOST" });
      assert.deepEqual(harness.finished, []);
    });
  });

  it("lets a run note what the next one has to know, and nothing any more once the request is another's", async () => {
    const noted: (object | undefined)[] = [];
    let late: Promise<void> | undefined;
    const door = gate();
    harness.handle = async (run) => {
      noted.push(await run.noted(0));
      if (run.attempt > 1) {
        await door.opened;
        late = run.note(0, { token: "2" });
        await late;
      }
      await run.note(0, { token: "1" });
      throw new MetergateError("CONNECTION_RESET", "gone");
    };
    const uid = await harness.accept();
    await harness.work();
    harness.environment.clock.advance(3600 * SECOND_MS);
    await harness.work();
    assert.deepEqual(noted, [undefined, { token: "1" }]);
    harness.environment.store.sql.run("update request set attempt = 7 where correlation_uid = ?", uid);
    door.open();
    await harness.work();
    await assert.rejects(late!, { code: "LEASE_LOST" });
  });

  describe("and a wall clock that steps", () => {
    const steps = { "five minutes forward": 300 * SECOND_MS, "an hour back": -3600 * SECOND_MS };
    for (const [how, byMs] of Object.entries(steps)) {
      it(`takes nobody for dead when it goes ${how}, itself or another worker`, async () => {
        const door = gate();
        harness.handle = async (run) => {
          await door.opened;
          await doAll(run);
        };
        const own = await harness.accept({ device: "E1" });
        await harness.work();
        const foreign = await harness.accept({ device: "E2" });
        const { clock, queue } = harness.environment;
        const { requests } = await queue.claim("other", 1, 60 * SECOND_MS);
        for (let tick = 0; tick < 18; tick++) {
          if (tick === 3) clock.step(byMs);
          clock.advance(10 * SECOND_MS);
          if (tick % 2 === 0) assert.ok(await queue.extendLease(requests[0]!, 60 * SECOND_MS));
          await harness.work();
        }
        assert.deepEqual([(await harness.find(own)).attempt, (await harness.find(foreign)).attempt], [1, 1]);
        door.open();
        await harness.work();
        assert.equal((await harness.find(own)).state, "succeeded");
      });

      it(`tries again after 30 s when it goes ${how} meanwhile`, async () => {
        harness.handle = async (run) => {
          if (run.attempt === 1) throw new MetergateError("CONNECTION_REFUSED", "Nobody listens.");
          await doAll(run);
        };
        await harness.accept();
        await harness.work();
        harness.environment.clock.step(byMs);
        for (let tick = 0; tick < 5; tick++) {
          harness.environment.clock.advance(5 * SECOND_MS);
          await harness.work();
        }
        assert.equal(harness.runs.length, 1);
        harness.environment.clock.advance(5 * SECOND_MS);
        await harness.work();
        assert.equal(harness.runs.length, 2);
      });

      it(`takes over what a dead worker held when it goes ${how}`, async () => {
        const uid = await harness.accept();
        await harness.environment.queue.claim("dead", 1, 60 * SECOND_MS);
        harness.environment.clock.step(byMs);
        for (let tick = 0; tick < 14; tick++) {
          harness.environment.clock.advance(5 * SECOND_MS);
          await harness.work();
        }
        assert.equal((await harness.find(uid)).state, "succeeded");
      });
    }
  });

  describe("when the store cannot be written", () => {
    /** The store refuses to end runs and take reports as long as the returned function is not called. */
    const breakWrites = () => {
      const { queue } = harness.environment;
      const { settle, report } = queue;
      queue.settle = queue.report = async () => {
        throw new Error("database is locked");
      };
      return () => {
        queue.settle = settle;
        queue.report = report;
      };
    };
    const passSeconds = async (seconds: number) => {
      for (let second = 0; second < seconds; second++) {
        harness.environment.clock.advance(SECOND_MS);
        await harness.settled();
      }
    };

    it("keeps what a device did in memory, and does not have it done twice", async () => {
      const mend = breakWrites();
      const uid = await harness.accept();
      await harness.work();
      await passSeconds(14);
      assert.equal((await harness.find(uid)).state, "running");
      mend();
      await passSeconds(10);
      assert.deepEqual([(await harness.find(uid)).state, harness.runs.length], ["succeeded", 1]);
    });

    it("keeps the answers to the first actions of a bundle as well", async () => {
      const mend = breakWrites();
      const uid = await harness.accept({ operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL, SYNCHRONIZE] });
      await harness.work();
      await passSeconds(14);
      mend();
      await passSeconds(10);
      const { state, outcomes } = await harness.find(uid);
      assert.deepEqual([state, outcomes, harness.runs.length], ["succeeded", [DONE, DONE, DONE], 1]);
    });

    it("frees the device of a run whose end could not be stored for the length of a lease, while others run on", async () => {
      const [door, { queue }] = [gate(), harness.environment];
      const { settle } = queue;
      let broken = true;
      queue.settle = (request, ...more) =>
        broken && request.device === "E1" ? Promise.reject(new Error("no")) : settle.call(queue, request, ...more);
      harness.handle = async (run) => {
        if (run.device.identification === "E2") await door.opened;
        await doAll(run);
      };
      const [stuck, alive] = [await harness.accept({ device: "E1" }), await harness.accept({ device: "E2" })];
      await harness.work();
      await passSeconds(70);
      broken = false;
      await passSeconds(20);
      assert.deepEqual(
        [(await harness.find(stuck)).state, (await harness.find(alive)).state, (await harness.find(alive)).attempt],
        ["succeeded", "running", 1],
      );
      assert.ok((await harness.attemptsOf(stuck)).some(({ error }) => error?.code === "LEASE_EXPIRED"));
      door.open();
    });
  });

  describe("when it is to end", () => {
    it("drains: takes nothing more on and waits for what runs", async () => {
      const door = gate();
      harness.handle = async (run) => {
        await door.opened;
        await doAll(run);
      };
      const running = await harness.accept({ device: "E1" });
      await harness.work();
      let drained = false;
      const drain = harness.worker.drain().then(() => {
        drained = true;
      });
      const waiting = await harness.accept({ device: "E2" });
      await harness.worker.wake();
      await harness.settled();
      assert.equal(drained, false);
      door.open();
      await drain;
      assert.equal((await harness.find(running)).state, "succeeded");
      assert.equal((await harness.find(waiting)).state, "waiting");
    });

    it("keeps the leases of what it drains", async () => {
      const door = gate();
      harness.handle = async (run) => {
        await door.opened;
        await doAll(run);
      };
      const uid = await harness.accept();
      await harness.work();
      const drain = harness.worker.drain();
      harness.environment.clock.advance(20 * SECOND_MS);
      await harness.settled();
      assert.equal((await harness.find(uid)).leaseUntilMs, NOW_MS + 80 * SECOND_MS);
      door.open();
      await drain;
    });

    it("stops: aborts what runs and puts it back, uncounted, with what was done", async () => {
      harness.handle = async (run) => {
        await run.report(0, DONE);
        await untilAborted(run);
      };
      const uid = await harness.accept({ operation: "Bundle", actions: [SYNCHRONIZE, READ_ALL] });
      await harness.work();
      await harness.worker.stop();
      const { state, retries, outcomes, dueMs } = await harness.find(uid);
      assert.deepEqual([state, retries, outcomes, dueMs], ["waiting", 0, [DONE, null], NOW_MS]);
      assert.equal((await harness.attemptsOf(uid))[0]?.ending, "released");

      harness.handle = doAll;
      harness.startWorker();
      await harness.work();
      assert.deepEqual([harness.runs[1]?.attempt, harness.runs[1]?.finished], [2, [DONE, null]]);
      assert.equal((await harness.find(uid)).state, "succeeded");
    });

    it("leaves no timer behind", async () => {
      await harness.worker.stop();
      await harness.accept();
      harness.environment.clock.advance(3600 * SECOND_MS);
      await harness.settled();
      assert.equal(harness.runs.length, 0);
    });
  });
});
