import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { run, sample } from "../../e2e/harness.ts";
import { all } from "../../e2e/matrix-case.ts";
import { GATEWAY, SmartEnergyWorld } from "./world.ts";

describe("CreateDrlcEvent", () => {
  let world: SmartEnergyWorld;
  before(async () => {
    world = await SmartEnergyWorld.start();
  });
  after(() => world.stop());

  it("goes from the ERP to the gateway and its appliances, and back", async () => {
    const answer = await run(world.client, sample("CreateDrlcEvent", ["TESTSE0000000001", GATEWAY]));
    assert.equal(leaf(answer, "Result"), "OK", answer.xml);
    assert.equal(leaf(answer, "EventId"), "1001");
    assert.equal(leaf(answer, "CoolingTemperatureOffset"), "1.5");
    assert.deepEqual(all(answer, "DeviceClass"), ["HVAC_COMPRESSOR_OR_FURNACE", "WATER_HEATER"]);
    assert.deepEqual(all(answer, "Recipient"), [world.node.description.mac]);
    assert.deepEqual(world.node.acting, [1001]);
  });
});
