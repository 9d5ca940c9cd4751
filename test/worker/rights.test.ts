import assert from "node:assert/strict";
import { NOW_MS, READ_ALL, SYNCHRONIZE } from "../requests/environment.ts";
import { WorkerHarness } from "./worker-harness.ts";

const LATER = { priority: 4, bypassRetry: false, scheduleTimeMs: NOW_MS + 60_000 };

describe("a request that waited", () => {
  const harness = new WorkerHarness();

  /** Accepts a request, lets something happen while it waits, and runs it. */
  async function run(fields: Parameters<WorkerHarness["accept"]>[0], meanwhile: () => void) {
    const uid = await harness.accept({ scheduling: LATER, ...fields });
    meanwhile();
    harness.environment.clock.advance(60_000);
    await harness.work();
    return harness.find(uid);
  }
  const withdraw = (right: string) => () => void harness.environment.unauthorised.add(right);

  it("does not reach the device when its right was withdrawn, and is not tried again", async () => {
    const { state, error, attempt } = await run({}, withdraw("Utility E1 SynchronizeTime"));
    assert.deepEqual([state, error?.code, attempt], ["failed", "UNAUTHORIZED", 1]);
    assert.match(error?.message ?? "", /Utility is not authorised for SynchronizeTime on device E1 any more/);
    assert.equal(harness.runs.length, 0);
  });

  it("needs its right to the gateway still, too", async () => {
    const { error } = await run({ device: "G1" }, withdraw("Utility E1 SynchronizeTime"));
    assert.equal(error?.code, "UNAUTHORIZED");
  });

  it("needs the right of each action of a bundle", async () => {
    const actions = [SYNCHRONIZE, READ_ALL];
    const { error } = await run({ operation: "Bundle", actions }, withdraw("Utility E1 GetAllAttributeValues"));
    assert.equal(error?.code, "UNAUTHORIZED");
    assert.equal(harness.runs.length, 0);
  });

  it("ends with 104 when its organisation was disabled", async () => {
    const { state, error } = await run({}, () => void harness.disabled.add("Utility"));
    assert.deepEqual([state, error?.code], ["failed", "DISABLED_ORGANISATION"]);
    assert.equal(harness.runs.length, 0);
  });

  it("runs when another organisation's right was withdrawn", async () => {
    const { state } = await run({}, withdraw("Other E1 SynchronizeTime"));
    assert.equal(state, "succeeded");
  });
});
