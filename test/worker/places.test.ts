import assert from "node:assert/strict";
import { doAll, gate, SECOND_MS, untilAborted, WorkerHarness } from "./worker-harness.ts";

describe("the places of a worker", () => {
  const harness = new WorkerHarness();

  const restart = async (concurrency: number) => {
    await harness.worker.stop();
    harness.startWorker({ concurrency });
  };
  const pass = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      harness.environment.clock.advance(SECOND_MS);
      await harness.work();
    }
  };

  it("are free, and the request is finished, before the association is released", async () => {
    await restart(1);
    const released = gate();
    harness.handle = async (run) => {
      await doAll(run);
      if (run.device.identification === "E1") await released.opened;
    };
    const uids = [await harness.accept({ device: "E1" }), await harness.accept({ device: "E2" })];
    await harness.work();
    for (const uid of uids) assert.equal((await harness.find(uid)).state, "succeeded");
    released.open();
  });

  it("let the next request of a device wait until the one before has let go of it", async () => {
    const released = gate();
    harness.handle = async (run) => {
      await doAll(run);
      if (harness.runs.length === 1) await released.opened;
    };
    await harness.accept();
    await harness.work();
    const next = await harness.accept();
    await harness.work();
    assert.deepEqual([harness.runs.length, (await harness.find(next)).state], [1, "running"]);
    released.open();
    await harness.work();
    assert.deepEqual([harness.runs.length, (await harness.find(next)).state], [2, "succeeded"]);
  });

  it("are waited for at the end, with what a device has still to be told", async () => {
    const released = gate();
    harness.handle = async (run) => {
      await doAll(run);
      await released.opened;
    };
    await harness.accept();
    await harness.work();
    let drained = false;
    const drain = harness.worker.drain().then(() => {
      drained = true;
    });
    await harness.settled();
    assert.equal(drained, false);
    released.open();
    await drain;
  });

  it("are given up by devices that say nothing, which go on beside", async () => {
    await restart(2);
    harness.handle = (run) => (run.device.identification < "E3" ? untilAborted(run) : doAll(run));
    for (const name of ["E1", "E2", "E3"]) await harness.accept({ device: name });
    await harness.work();
    assert.equal(harness.finished.length, 0);
    await pass(15);
    assert.equal(harness.finished.length, 1);
    assert.equal(harness.worker.running().length, 2);
  });

  it("are kept by devices that talk", async () => {
    await restart(1);
    harness.handle = (run) => {
      const tick = () => {
        run.heard();
        if (!run.signal.aborted) harness.environment.clock.after(SECOND_MS, tick);
      };
      tick();
      return untilAborted(run);
    };
    await harness.accept({ device: "E1" });
    await harness.accept({ device: "E2" });
    await harness.work();
    await pass(30);
    assert.equal(harness.runs.length, 1);
  });

  it("are taken from the longest silent when silent devices have all that there are beside, and others wait", async () => {
    await restart(2);
    harness.handle = (run) => (run.device.identification < "E7" ? untilAborted(run) : doAll(run));
    const uids = new Map<string, string>();
    for (const name of ["E1", "E2", "E3", "E4"]) {
      uids.set(name, await harness.accept({ device: name }));
      await harness.work();
      await pass(6);
    }
    await pass(15);
    assert.equal(harness.worker.running().length, 4);
    await harness.accept({ device: "E7" });
    await harness.work();
    assert.equal(harness.finished.length, 1);
    const [attempt] = await harness.attemptsOf(uids.get("E1")!);
    assert.deepEqual([attempt?.ending, attempt?.error?.code], ["retried", "RESPONSE_TIMEOUT"]);
    assert.equal((await harness.find(uids.get("E2")!)).state, "running");
  });

  it("are each family's own: silent devices of one keep none from another", async () => {
    const { known } = harness.environment;
    await harness.worker.stop();
    harness.startWorker({ concurrency: 2 }, ["dlms", "ekm"]);
    for (const name of ["E5", "E6"]) known.set(name, { ...known.get(name)!, family: "ekm" });
    harness.handle = (run) => (run.device.family === "dlms" ? untilAborted(run) : doAll(run));
    for (const name of ["E1", "E2", "E3", "E4"]) await harness.accept({ device: name });
    const others = [];
    for (const name of ["E5", "E6"]) others.push(await harness.accept({ device: name }));
    await harness.work();
    for (const uid of others) assert.equal((await harness.find(uid)).state, "succeeded");
    assert.equal(harness.worker.running().length, 2);
  });

  it("come back from a run that would never end", async () => {
    harness.handle = (run) => {
      const tick = () => {
        run.heard();
        if (!run.signal.aborted) harness.environment.clock.after(600 * SECOND_MS, tick);
      };
      tick();
      return untilAborted(run);
    };
    const uid = await harness.accept({ scheduling: { priority: 4, bypassRetry: true } });
    await harness.work();
    for (let minutes = 0; minutes < 25 * 60; minutes += 10) {
      harness.environment.clock.advance(600 * SECOND_MS);
      await harness.settled();
    }
    assert.equal((await harness.find(uid)).error?.code, "RESPONSE_TIMEOUT");
    assert.match((await harness.find(uid)).error?.message ?? "", /took too long/);
  });
});
