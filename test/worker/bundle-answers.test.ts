import assert from "node:assert/strict";
import { READ_ALL, SYNCHRONIZE } from "../requests/environment.ts";
import { DONE, gate, SECOND_MS, WorkerHarness } from "./worker-harness.ts";

describe("the worker stores the answers of a bundle", () => {
  const harness = new WorkerHarness();
  /** Reports what is asked, and tells what the store was given by then. */
  const stored: number[][] = [];
  let door = gate();

  beforeEach(() => {
    const { queue } = harness.environment;
    const { report } = queue;
    stored.length = 0;
    door = gate();
    queue.report = async (request, outcomes) => {
      await door.opened;
      stored.push(outcomes.map(({ position }) => position));
      return report.call(queue, request, outcomes);
    };
  });

  it("with the end of a run that only reads", async () => {
    const uid = await harness.accept({ operation: "Bundle", actions: [READ_ALL, READ_ALL, READ_ALL] });
    await harness.work();
    assert.deepEqual(stored, []);
    assert.deepEqual((await harness.find(uid)).outcomes, [DONE, DONE, DONE]);
  });

  it("after a second of reading, those that came meanwhile together, while it reads on", async () => {
    const uid = await harness.accept({ operation: "Bundle", actions: Array.from({ length: 6 }, () => READ_ALL) });
    const untilStored = async (count: number) => {
      while (stored.length < count) await new Promise((resolve) => setImmediate(resolve));
    };
    const read = gate();
    harness.handle = async ({ report }) => {
      await report(0, DONE);
      harness.environment.clock.advance(SECOND_MS);
      for (const position of [1, 2]) await report(position, DONE);
      read.open();
      await door.opened;
      await untilStored(1);
      harness.environment.clock.advance(SECOND_MS);
      for (const position of [3, 4]) await report(position, DONE);
      await untilStored(2);
      await report(5, DONE);
    };
    void harness.worker.wake();
    await read.opened;
    assert.deepEqual(stored, [], "it did not wait for the store");
    door.open();
    await harness.work();
    assert.deepEqual(stored.flat(), [0, 1, 2, 3, 4]);
    assert.deepEqual((await harness.find(uid)).outcomes, [DONE, DONE, DONE, DONE, DONE, DONE]);
  });

  it("before it changes something, and what was changed before it goes on", async () => {
    const uid = await harness.accept({ operation: "Bundle", actions: [READ_ALL, READ_ALL, SYNCHRONIZE, READ_ALL] });
    const reported: number[] = [];
    harness.handle = async ({ report }) => {
      for (const position of [0, 1, 2, 3]) {
        await report(position, DONE);
        reported.push(position);
      }
    };
    await harness.work();
    assert.deepEqual(reported, [0], "the second read stands before a change");
    door.open();
    await harness.work();
    assert.deepEqual(stored.flat(), [0, 1, 2]);
    assert.equal((await harness.find(uid)).state, "succeeded");
  });

  it("with the end of the run when the store cannot be written before", async () => {
    const { queue } = harness.environment;
    let tries = 0;
    queue.report = () => {
      tries += 1;
      return Promise.reject(new Error("the disk is full"));
    };
    harness.handle = async ({ report }) => {
      await report(0, DONE);
      harness.environment.clock.advance(SECOND_MS);
      for (const position of [1, 2]) await report(position, DONE);
    };
    const uid = await harness.accept({ operation: "Bundle", actions: [READ_ALL, READ_ALL, READ_ALL] });
    await harness.work();
    assert.deepEqual((await harness.find(uid)).outcomes, [DONE, DONE, DONE]);
    assert.deepEqual([tries, harness.runs[0]?.signal.aborted], [1, false]);
  });
});
