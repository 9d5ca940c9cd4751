import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { run, sample } from "../../e2e/harness.ts";
import { all } from "../../e2e/matrix-case.ts";
import { type EgaugeWorld, startEgaugeWorld } from "./world.ts";

const PERIOD =
  "<eg:Period><eg:From>FROM</eg:From><eg:To>TO</eg:To><eg:IntervalSeconds>900</eg:IntervalSeconds></eg:Period>";

describe("registers of an eGauge meter, over the whole service", () => {
  let world: EgaugeWorld;
  before(async () => {
    world = await startEgaugeWorld({ METERGATE_MAX_RETRIES: "0" });
  });
  after(() => world.stop());
  afterEach(() => world.egauge.behaveWell());

  it("are read as they are now, those that are asked for", async () => {
    const answer = await run(world.client, sample("ReadRegisters"));
    assert.deepEqual(all(answer, "Name"), ["Grid", "L1 Voltage"], answer.xml);
    assert.deepEqual(all(answer, "Unit"), ["W", "V"]);
    assert.equal(all(answer, "Rate")[1], "230.4");
    const counter = world.egauge.registers.counterOf("Grid");
    const read = BigInt(all(answer, "Counter")[0]!);
    assert.ok(read - counter >= 0n && read - counter < 60_000n, `${read} ${counter}`);
  });

  it("are read as they were, the oldest first, with what they showed on average", async () => {
    const end = Math.floor(world.egauge.state.timeMs / 900_000) * 900_000;
    const at = (ms: number) => new Date(ms).toISOString();
    const period = PERIOD.replace("FROM", at(end - 1_800_000)).replace("TO", at(end));
    const answer = await run(
      world.client,
      sample(
        "ReadRegisters",
        ["<eg:RegisterName>Grid</eg:RegisterName>", ""],
        ["</eg:ReadRegistersRequest>", `${period}</eg:ReadRegistersRequest>`],
      ),
    );
    assert.deepEqual(all(answer, "Time"), [end - 1_800_000, end - 900_000, end].map(at), answer.xml);
    assert.deepEqual(all(answer, "Average"), ["230.4", "230.4"]);
    const [first, second] = all(answer, "Counter").map(BigInt);
    assert.equal(second! - first!, 230_400n * 900n);
  });

  it("are refused by name when the meter has none of it", async () => {
    world.egauge.behave({ kind: "register-gone", name: "Grid" });
    const answer = await run(world.client, sample("ReadRegisters"));
    assert.equal(leaf(answer, "Code"), "401", answer.xml);
    assert.equal(leaf(answer, "InnerMessage"), "the meter has no register Grid");
  });
});
