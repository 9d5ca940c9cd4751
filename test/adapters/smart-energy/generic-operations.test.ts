import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { fromUtc2000 } from "../../../src/smart-energy/values.ts";
import { result, sample } from "../../e2e/harness.ts";
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

  it("SetClockConfiguration tells the gateway's network of local time, and of the daylight saving that is or comes next", async () => {
    const set = async (...changes: [string, string][]) => {
      const document = sample("SetClockConfiguration", ["TEST1027000000001", GATEWAY], ...changes);
      return leaf(await ask(document), "Result");
    };
    assert.equal(await set(), "OK");
    const { timeAttributes } = world.gateway;
    const year = (attribute: number) => new Date(fromUtc2000(timeAttributes.get(attribute)!));
    const [start, end] = [year(3), year(4)];
    assert.deepEqual([timeAttributes.get(2), timeAttributes.get(5)], [3_600, 3_600]);
    // The last Sundays of March and October, at one o'clock by UTC; it is not over yet.
    for (const [moment, month] of [
      [start, 2],
      [end, 9],
    ] as const) {
      assert.deepEqual([moment.getUTCMonth(), moment.getUTCDay(), moment.getUTCHours()], [month, 0, 1]);
      assert.ok(moment.getUTCDate() > 24);
    }
    assert.equal(start.getUTCFullYear(), end.getUTCFullYear());
    assert.ok(end.getTime() > Date.now() && end.getTime() < Date.now() + 366 * 86_400_000);
    // South of the equator it begins in one year and ends in the next.
    const south: [string, string][] = [
      ["FFFF03FE0702000000FFC400", "FFFF0A010702000000800000"],
      ["FFFF0AFE0703000000FF8880", "FFFF04010703000000800000"],
    ];
    assert.equal(await set(["-60", "-600"], ...south), "OK");
    assert.equal(year(4).getUTCFullYear(), year(3).getUTCFullYear() + 1);
    assert.deepEqual([timeAttributes.get(2), timeAttributes.get(5)], [36_000, 3_600]);
    assert.equal(await set(["-60", "300"], [">true<", ">false<"]), "OK");
    assert.deepEqual([timeAttributes.get(2), timeAttributes.get(5)], [-18_000, 0]);
  });

  it("SetClockConfiguration says so when the gateway does not do it, and refuses what is not of every year", async () => {
    const { timeAttributes } = world.gateway;
    const keep = timeAttributes.set;
    timeAttributes.set = (id, value) => keep.call(timeAttributes, id, id === 3 ? 0 : value);
    const document = (...changes: [string, string][]) =>
      sample("SetClockConfiguration", ["TEST1027000000001", GATEWAY], ...changes);
    const answer = await ask(document());
    assert.equal(leaf(answer, "Result"), "NOT OK");
    assert.match(leaf(answer, "Description") ?? "", /attribute 0x3 of its time/);
    timeAttributes.set = keep;
    assert.equal(leaf(await ask(document(["FFFF03FE", "07EB03FE"])), "Code"), "416");
    const behind = sample("SetClockConfiguration", ["TEST1027000000001", NODE_METER]);
    assert.equal(leaf(await ask(behind), "Code"), "416");
  });

  it("ReadAlarmRegister tells what is wrong with a meter, and is not for gateways", async () => {
    const [meter] = world.gateway.meters;
    const read = async (status: number) => {
      meter!.setAttribute(0x0200, status);
      const answer = await ask(monitoring("ReadAlarmRegister", NODE_METER));
      return all(answer, "AlarmTypes");
    };
    assert.deepEqual(await read(0x40), []);
    assert.deepEqual(await read(0x06), ["FRAUD_ATTEMPT", "REPLACE_BATTERY"]);
    assert.deepEqual(await read(0x3b), ["AUXILIARY_EVENT", "REPLACE_BATTERY"]);
    assert.equal(leaf(await ask(monitoring("ReadAlarmRegister", GATEWAY)), "Code"), "416");
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
