import assert from "node:assert/strict";
import { leaf } from "../../src/cli/erp-client.ts";
import { asElements, asLogicalName, asNumber, asOctets, asStructure, type CosemData } from "../../src/dlms/data.ts";
import { toHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { run, sample, startWorld, type World } from "./harness.ts";

const DSMR_4 = "TEST1024000000001";
const SMR_5 = "TEST1027000000001";

describe("an ERP's request documents, executed on simulated meters", () => {
  let world: World;
  before(async () => {
    world = await startWorld();
  });
  after(() => world.stop());

  const read = (device: string, classId: number, logicalName: string, attribute: number): CosemData =>
    world.meter(device).read(classId, parseObis(logicalName), attribute);
  /** Text of every leaf of that name. */
  const all = (answer: { leaves: readonly { name: string; text: string }[] }, name: string) =>
    answer.leaves.filter((one) => one.name === name).map(({ text }) => text);

  it("read the firmware versions that the meter holds", async () => {
    const answer = await run(world.client, sample("GetFirmwareVersion.smr5.0.0"));
    assert.deepEqual(all(answer, "FirmwareModuleType"), [
      "ACTIVE_FIRMWARE",
      "MODULE_ACTIVE_FIRMWARE",
      "COMMUNICATION_MODULE_ACTIVE_FIRMWARE",
      "M_BUS_DRIVER_ACTIVE_FIRMWARE",
    ]);
    const inMeter = ["1.0.0.2.0.255", "1.1.0.2.0.255", "1.2.0.2.0.255", "1.4.0.2.0.255"].map((obis) =>
      Buffer.from(asOctets(read(SMR_5, 1, obis, 2))).toString(),
    );
    assert.deepEqual(all(answer, "Version"), inMeter);
    assert.equal(all(await run(world.client, sample("GetFirmwareVersion")), "Version").length, 3);
  });

  it("switch the administrative status on and read it back", async () => {
    const status = (device: string) => asNumber(read(device, 1, "0.1.94.31.0.255", 2));
    assert.equal(leaf(await run(world.client, sample("SetAdministrativeStatus")), "Result"), "OK");
    assert.equal(status(DSMR_4), 2);
    const answer = await run(world.client, sample("GetAdministrativeStatus", [SMR_5, DSMR_4]));
    assert.equal(leaf(answer, "Enabled"), "ON");
    await run(world.client, sample("SetAdministrativeStatus", [">ON<", ">OFF<"]));
    assert.equal(status(DSMR_4), 1);
  });

  it("write the table of special days", async () => {
    assert.equal(leaf(await run(world.client, sample("SetSpecialDays")), "Result"), "OK");
    const days = asElements(read(DSMR_4, 11, "0.0.11.0.0.255", 2)).map((day) => {
      const [index, date, id] = asStructure(day, 3);
      return [asNumber(index), toHex(asOctets(date)), asNumber(id)];
    });
    assert.deepEqual(days, [
      [0, "FFFF0C19FF", 1],
      [1, "07EB041BFF", 2],
    ]);
  });

  it("write the activity calendar and make it active", async () => {
    assert.equal(leaf(await run(world.client, sample("SetActivityCalendar")), "Result"), "OK");
    const calendar = (attribute: number) => read(SMR_5, 20, "0.0.13.0.0.255", attribute);
    // Attributes 2 to 5 are the active calendar, 6 to 9 the passive one that was written.
    assert.equal(Buffer.from(asOctets(calendar(2))).toString(), "SUMMER");
    for (const active of [2, 3, 4, 5]) assert.deepEqual(calendar(active), calendar(active + 4));
    const [season] = asElements(calendar(3));
    assert.deepEqual(
      asStructure(season!, 3).map((part) => toHex(asOctets(part))),
      ["01", "FFFF0101FF00000000FFC400", "01"],
    );
    const [workday] = asElements(calendar(5));
    const [dayId, actions] = asStructure(workday!, 2);
    assert.equal(asNumber(dayId), 0);
    const [start, script, selector] = asStructure(asElements(actions)[0]!, 3);
    assert.deepEqual(
      [toHex(asOctets(start)), asLogicalName(script), asNumber(selector)],
      ["06000000", "0.0.10.0.100.255", 2],
    );
  });

  it("write the clock's configuration", async () => {
    assert.equal(leaf(await run(world.client, sample("SetClockConfiguration")), "Result"), "OK");
    const clock = (attribute: number) => read(SMR_5, 8, "0.0.1.0.0.255", attribute);
    assert.equal(asNumber(clock(3)), -60);
    assert.equal(toHex(asOctets(clock(5))), "FFFF03FE0702000000FFC400");
    assert.equal(toHex(asOctets(clock(6))), "FFFF0AFE0703000000FF8880");
    assert.deepEqual(clock(8), { type: "boolean", value: true });
  });

  it("synchronize the meter's clock", async () => {
    const meter = world.meter(DSMR_4).meter;
    meter.clockOffsetMs = 3_600_000;
    assert.equal(leaf(await run(world.client, sample("SynchronizeTime")), "Result"), "OK");
    assert.ok(Math.abs(meter.clockOffsetMs) < 5_000, `the clock is ${meter.clockOffsetMs} ms off`);
  });

  it("say in the Description why the meter refuses a time zone that it is not in", async () => {
    const answer = await run(world.client, sample("SynchronizeTime", ["Europe/Amsterdam", "Asia/Tokyo"]));
    assert.equal(leaf(answer, "Result"), "NOT OK");
    assert.match(leaf(answer, "Description") ?? "", /AccessResultCode for synchronizeTime: OTHER_REASON/);
  });

  it("read one attribute as text", async () => {
    const text = leaf(await run(world.client, sample("GetSpecificAttributeValue")), "AttributeValueData") ?? "";
    assert.match(text, /Choice=LONG_INTEGER/);
    assert.match(text, new RegExp(`value=.*${asNumber(read(SMR_5, 8, "0.0.1.0.0.255", 3))}`));
  });

  it("get fault 412 with the result in words for an attribute that the meter does not have", async () => {
    const answer = await run(world.client, sample("GetSpecificAttributeValue", ["<sm:ClassId>8<", "<sm:ClassId>3<"]));
    assert.equal(answer.element, "Fault");
    assert.equal(leaf(answer, "Code"), "412");
    assert.match(leaf(answer, "InnerMessage") ?? "", /Retrieving attribute value for \{ 3, 0\.0\.1\.0\.0\.255, 3 \}/);
  });

  it("change named configuration flags and leave the others, as structure and as bits", async () => {
    const flags = (device: string) => {
      const value = read(device, 1, "0.1.94.31.3.255", 2);
      const bits = value.type === "structure" ? value.value[1]! : value;
      assert.equal(bits.type, "bit-string");
      return bits.type === "bit-string" ? toHex(bits.value.bytes) : "";
    };
    const [before4, before5] = [flags(DSMR_4), flags(SMR_5)];
    assert.equal(leaf(await run(world.client, sample("SetConfigurationObject")), "Result"), "OK");
    assert.equal(leaf(await run(world.client, sample("SetConfigurationObject.smr5.0.0")), "Result"), "OK");
    // Bits 1 and 3, respectively 10, counted from the most significant one.
    assert.equal(Number.parseInt(flags(DSMR_4), 16), Number.parseInt(before4, 16) | 0x5000);
    assert.equal(Number.parseInt(flags(SMR_5), 16), Number.parseInt(before5, 16) | 0x0020);
    const answer = await run(world.client, sample("GetConfigurationObject"));
    const enabled = all(answer, "ConfigurationFlagType").filter((_, i) => all(answer, "Enabled")[i] === "true");
    assert.ok(enabled.includes("DISCOVER_ON_POWER_ON") && enabled.includes("PO_ENABLE"));
  });

  it("are refused with 416 at once, and not queued, where the meter's version lacks the operation", async () => {
    const sent = await world.client.send(sample("GetAdministrativeStatus", [SMR_5, "TEST1022000000001"]));
    assert.ok("fault" in sent);
    assert.equal(leaf(sent.fault, "Code"), "416");
    const unfinished = await world.service.store.requests.listUnfinished(1000);
    assert.ok(!unfinished.some(({ device }) => device === "TEST1022000000001"));
  });

  it("give a result again and again until it is deleted", async () => {
    const sent = await world.client.send(sample("GetFirmwareVersion"));
    assert.ok(!("fault" in sent));
    const first = await world.client.waitForResult(sent, 20_000);
    const again = await world.client.fetchResult(sent);
    assert.deepEqual(again?.leaves, first?.leaves);
  });
});
