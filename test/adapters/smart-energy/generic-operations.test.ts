import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { result } from "../../e2e/harness.ts";
import { adhoc, all, configuration, monitoring } from "../../e2e/matrix-case.ts";
import { document } from "./document.ts";
import { GATEWAY, NODE_METER, SmartEnergyWorld } from "./world.ts";

describe("operations of the public contract on gateways of Smart Energy and meters behind them", () => {
  let world: SmartEnergyWorld;
  before(async () => {
    world = await SmartEnergyWorld.start();
    const protocol = { name: "DIGI-SE", version: "1.5" };
    const behind = { gateway: { device: GATEWAY }, address: "00:13:A2:00:40:0B:00:01", endpoint: 1 };
    await world.import({}, { identification: NODE_METER, family: "smart-energy", protocol, ...behind });
  });
  after(() => world.stop());

  async function ask(request: Uint8Array<ArrayBuffer>) {
    const sent = await world.client.send(request);
    return "fault" in sent ? sent.fault : result(world.client, sent);
  }

  it("SynchronizeTime sets the clock of the gateway, and so of its network", async () => {
    world.gateway.schedule.setMs(0);
    const zone = "<a:SynchronizeTimeRequestData><a:TimeZone>Europe/Paris</a:TimeZone></a:SynchronizeTimeRequestData>";
    for (const device of [GATEWAY, NODE_METER]) {
      assert.equal(leaf(await ask(adhoc("SynchronizeTime", device, zone)), "Result"), "OK");
    }
    assert.ok(world.gateway.schedule.nowMs() > Date.UTC(2026, 0, 1));
  });

  it("GetFirmwareVersion gives what the cloud knows of the gateway, and is not for meters", async () => {
    assert.deepEqual(all(await ask(configuration("GetFirmwareVersion", GATEWAY)), "Version"), ["2.17.3"]);
    assert.equal(leaf(await ask(configuration("GetFirmwareVersion", NODE_METER)), "Code"), "416");
  });

  it("GetActualMeterReads reads a meter's registers by its own scale, and is not for gateways", async () => {
    const answer = await ask(monitoring("ActualMeterReads", NODE_METER));
    assert.match(answer.xml, /"KWH">1234.560</, answer.xml);
    assert.equal(leaf(await ask(monitoring("ActualMeterReads", GATEWAY)), "Code"), "416");
    const [meter] = world.gateway.meters;
    meter!.setAttribute(0x0302, 0);
    const unknown = await ask(monitoring("ActualMeterReads", NODE_METER));
    assert.match(leaf(unknown, "InnerMessage") ?? "", /scale is unknown/);
  });

  it("the meter behind a gateway answers for itself by GetMeterProfile", async () => {
    const record =
      "<$:Record><$:IntervalChannel>DELIVERED</$:IntervalChannel><$:NumberOfPeriods>2</$:NumberOfPeriods></$:Record>";
    const answer = await ask(document("GetMeterProfile", record, NODE_METER));
    assert.equal(leaf(answer, "MeterAddress"), NODE_METER, answer.xml);
    assert.equal(leaf(await ask(document("GetDrlcEvents", "", NODE_METER)), "Code"), "416");
  });

  it("all others are refused at once", async () => {
    assert.equal(leaf(await ask(adhoc("GetAllAttributeValues", GATEWAY)), "Code"), "416");
    assert.equal(leaf(await ask(configuration("GetAdministrativeStatus", GATEWAY)), "Code"), "416");
    assert.deepEqual(await world.world.service.store.requests.listUnfinished(10), []);
  });
});
