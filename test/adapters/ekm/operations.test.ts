import assert from "node:assert/strict";
import { run, sample } from "../../e2e/harness.ts";
import { describeOperations } from "./operations.ts";
import { startEkmWorld } from "./world.ts";

describeOperations("http", ["v4"]);

describe("a bundle for an EKM meter", () => {
  it("has what fits done, and a fault in the place of what does not", async () => {
    const world = await startEkmWorld();
    const answer = await run(world.client, sample("Bundle", ["TEST1052000000001", "EKMV400000010002"]));
    const faults = answer.leaves.filter(({ name, text }) => name === "Code" && text === "416").length;
    const versions = answer.leaves.filter(({ name }) => name === "Version").map(({ text }) => text);
    assert.ok(faults > 0, answer.xml);
    assert.deepEqual(versions, ["1024-17"]);
    assert.equal(world.cloud.meter("000000010002").executed.get("SetTime"), 1);
    await world.stop();
  });
});
