import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Answered, leaf } from "../../src/cli/erp-client.ts";
import { sealKey } from "../../src/devices/platform-keys.ts";
import type { LifecycleStatus } from "../../src/domain/device.ts";
import type { Behaviour } from "../../src/simulators/dlms/behaviour.ts";
import { result, run, type World } from "./harness.ts";
import { Cell, envelope } from "./matrix-case.ts";
import { VERSIONS } from "./matrix-expectations.ts";
import { startMatrixWorld } from "./matrix-world.ts";
import { couplingOf, heldOn, identityHeld, knowMbusDevice, putOn, requireEmpty } from "./spare-mbus-device.ts";

const text = (answer: Answered) =>
  answer.element === "Fault" ? `${leaf(answer, "Code")} ${leaf(answer, "InnerMessage")}` : leaf(answer, "Result");

/** A key, different for each element. */
const keyOf = (element: string) => new Uint8Array(16).fill(element.length);

const E_KEYS = ["Master_key", "Global_encryption_unicast_key", "Authentication_key"];
const G_KEYS = ["Mbus_default_key", "Mbus_user_key", "Mbus_firmware_update_authentication_key", "Mbus_p0_key"];

describe("the installation service", () => {
  let world: World;
  let cell: Cell;
  before(async () => {
    world = await startMatrixWorld({ METERGATE_RETRY_DELAY_MS: "1" });
    cell = new Cell(world, VERSIONS.find(({ version }) => version === "SMR 5.1")!);
  });
  after(() => world.stop());

  const pair = (operation: string, mbusDevice: string, more = "", device = cell.device) =>
    envelope(
      `<i:${operation}Request><i:DeviceIdentification>${device}</i:DeviceIdentification>` +
        `<i:MbusDeviceIdentification>${mbusDevice}</i:MbusDeviceIdentification>${more}</i:${operation}Request>`,
    );
  const couple = (mbusDevice: string, force = false, device = cell.device) =>
    run(world.client, pair("CoupleMbusDevice", mbusDevice, `<i:Force>${force}</i:Force>`, device));
  const decouple = (mbusDevice: string, device = cell.device) =>
    run(world.client, pair("DecoupleMbusDevice", mbusDevice, "", device));
  const byChannel = (operation: string, channel: number) =>
    run(
      world.client,
      envelope(
        `<i:${operation}Request><i:DeviceIdentification>${cell.device}</i:DeviceIdentification>` +
          `<i:${operation}RequestData><i:Channel>${channel}</i:Channel></i:${operation}RequestData></i:${operation}Request>`,
      ),
    );
  const know = (letters: string, number: string, lifecycleStatus?: LifecycleStatus, owner?: string) =>
    knowMbusDevice(world, `${letters}G105100000001`, number, { ...(owner && { owner }), lifecycleStatus }).then(
      () => `${letters}G105100000001`,
    );

  function addition(identification: string, type: string, keys: readonly string[], more = "", overwrite = false) {
    const platformKey = readFileSync(join(world.config.dataDir, "platform-public-key.pem"), "utf8");
    const key = (element: string) => `<i:${element}>${sealKey(platformKey, keyOf(element))}</i:${element}>`;
    const of = (all: readonly string[]) =>
      all
        .filter((element) => keys.includes(element))
        .map(key)
        .join("");
    return envelope(
      `<i:AddDeviceRequest><i:Device><i:Device_Identification>${identification}</i:Device_Identification>` +
        `<i:Device_type>${type}</i:Device_type><i:protocolName>SMR</i:protocolName>` +
        `<i:protocolVersion>5.1</i:protocolVersion>${of(E_KEYS)}<i:Delivery_date>2026-03-01T00:00:00Z</i:Delivery_date>` +
        `${more}${of(G_KEYS)}<i:ChallengeLength>16</i:ChallengeLength></i:Device>` +
        `<i:DeviceModel><i:Manufacturer>SIM</i:Manufacturer></i:DeviceModel><i:overwrite>${overwrite}</i:overwrite>` +
        "</i:AddDeviceRequest>",
    );
  }
  const identity = (number: string) =>
    `<i:Mbus_identification_number>${number}</i:Mbus_identification_number>` +
    "<i:Mbus_manufacturer_identification>LGB</i:Mbus_manufacturer_identification><i:Mbus_version>66</i:Mbus_version>";

  it("adds a gas meter, couples it, and takes it off again, as a fitter has it done", async () => {
    const gas = "NEWLG105100000001";
    const document = addition(gas, "SMART_METER_G", G_KEYS, identity("80000001"));
    assert.equal(text(await run(world.client, document)), "OK");
    assert.match(text(await run(world.client, document))!, /^204 Device NEWLG105100000001 is known already/);
    assert.equal(text(await couple(gas)), "OK");
    assert.deepEqual(heldOn(cell, 2), identityHeld(cell, "80000001", 0));
    assert.equal(text(await decouple(gas)), "OK");
    requireEmpty(cell, 2);
    const sent = await world.client.send(addition(gas, "SMART_METER_G", G_KEYS, identity("80000001"), true));
    assert.ok("correlationUid" in sent);
    assert.equal(text(await result(world.client, sent)), "OK");
  });

  it("adds an electricity meter, whose requests end with 212 until it has an address", async () => {
    const meter = "NEWL1051000000001";
    assert.equal(text(await run(world.client, addition(meter, "SMART_METER_E", E_KEYS))), "OK");
    const scan = envelope(
      `<a:ScanMbusChannelsRequest><a:DeviceIdentification>${meter}</a:DeviceIdentification></a:ScanMbusChannelsRequest>`,
    );
    assert.match(text(await run(world.client, scan))!, /^212 .*has no network address/);
  });

  it("refuses at once keys of both kinds of meters, keys in clear and a type that is none", async () => {
    const refused = async (document: Uint8Array<ArrayBuffer>) => {
      const sent = await world.client.send(document);
      assert.ok("fault" in sent);
      return text(sent.fault);
    };
    const meter = "NEWL1051000000002";
    assert.match((await refused(addition(meter, "SMART_METER_E", [...E_KEYS, "Mbus_p0_key"])))!, /^401 .*are mixed$/);
    assert.match((await refused(addition(meter, "SSLD", E_KEYS)))!, /^401 Device_type must be one of SMART_METER_E/);
    const clear = Buffer.from(addition(meter, "SMART_METER_E", E_KEYS))
      .toString()
      .replace(/(<i:Master_key>)[^<]*/, "$1000102030405060708090A0B0C0D0E0F");
    assert.match((await refused(new Uint8Array(Buffer.from(clear))))!, /^804 E_METER_MASTER_KEY is not sealed/);
    const missing = await run(world.client, addition(meter, "SMART_METER_E", ["Master_key"]));
    assert.match(text(missing)!, /^806 .*E_METER_AUTHENTICATION_KEY/);
    assert.equal(await world.service.store.devices.find(meter), undefined);
  });

  it("couples what the meter has on a channel already, writing nothing", async () => {
    const gas = await know("MTCH", "81000001");
    putOn(cell, 3, identityHeld(cell, "81000001", 42));
    const writes: string[] = [];
    const watching: Behaviour = { name: "watching", set: ({ logicalName }) => void writes.push(logicalName) };
    cell.meter.behaviours.add(watching);
    const answer = await couple(gas);
    cell.meter.behaviours.clear();
    assert.deepEqual([leaf(answer, "Channel"), leaf(answer, "PrimaryAddress")], ["3", "42"], answer.xml);
    assert.deepEqual(writes, []);
    assert.deepEqual(await couplingOf(cell, gas), { device: cell.device, channel: 3, primaryAddress: 42 });
    assert.match(text(await couple(gas))!, /^216 MTCHG105100000001 is coupled to TEST1051000000001/);
    assert.equal(text(await couple(gas, true)), "OK");
    assert.equal(text(await decouple(gas)), "OK");
  });

  it("takes no channel for that of a device which has another identification number on it", async () => {
    // Channel 1 has a device of the same make, version and type.
    const gas = await know("SAME", "82000001");
    const answer = await couple(gas);
    assert.equal(leaf(answer, "Channel"), "2", answer.xml);
    assert.equal(text(await decouple(gas)), "OK");
    assert.equal((await couplingOf(cell, cell.gasMeter))?.channel, 1);
  });

  it("prefers a channel with the identification number to one with all the rest", async () => {
    const gas = await know("BEST", "83000001");
    putOn(cell, 2, [0, ...(identityHeld(cell, "83000001", 5).slice(1) as number[])]);
    putOn(cell, 4, [identityHeld(cell, "83000001", 6)[0]!, 0, 0, 0, 6]);
    assert.equal(leaf(await couple(gas), "Channel"), "4");
    assert.equal(text(await decouple(gas)), "OK");
    assert.equal(leaf(await couple(gas), "Channel"), "2");
    assert.equal(text(await decouple(gas)), "OK");
  });

  it("says 215 when the meter has no channel free, and 217 when four devices are coupled to it", async () => {
    const gas = await know("FULL", "84000001");
    for (const channel of [2, 3, 4]) putOn(cell, channel, identityHeld(cell, `8400000${channel}`, channel));
    assert.match(text(await couple(gas))!, /^215 No M-Bus channel of TEST1051000000001 has FULLG105100000001 on it/);
    for (const channel of [2, 3, 4]) putOn(cell, channel);
    const others = await Promise.all(["85000001", "85000002", "85000003"].map((one, i) => know(`OTH${i}`, one)));
    for (const other of others) assert.equal(text(await couple(other)), "OK");
    assert.match(text(await couple(gas))!, /^217 All M-Bus channels of TEST1051000000001 are taken, by OTH0G/);
    for (const other of others) assert.equal(text(await decouple(other)), "OK");
  });

  it("couples nothing that is in use, and decouples nothing that is not", async () => {
    const used = await know("USED", "86000001", "IN_USE");
    assert.match(text(await couple(used))!, /^222 USEDG105100000001 is IN_USE/);
    putOn(cell, 3, identityHeld(cell, "86000001", 1));
    assert.match(text(await byChannel("CoupleMbusDeviceByChannel", 3))!, /^222 /);
    putOn(cell, 3);
    const fresh = await know("NEWI", "86000002", "NEW_IN_INVENTORY");
    assert.match(text(await decouple(fresh))!, /^207 NEWIG105100000001 is NEW_IN_INVENTORY/);
  });

  it("says OK of a device that is coupled to nothing, and 208 of one that is coupled elsewhere", async () => {
    const gas = await know("ELSE", "87000001");
    assert.equal(text(await decouple(gas)), "OK");
    assert.match(
      text(await decouple(cell.gasMeter, "TEST1052000000001"))!,
      /^208 TESTG105100000001 is coupled to TEST1051/,
    );
  });

  it("says 219 of an empty channel, 218 of a device that nobody knows, and couples neither", async () => {
    const ask = async () => text(await byChannel("CoupleMbusDeviceByChannel", 4));
    assert.equal(await ask(), "219 No device is on channel 4 of TEST1051000000001");
    putOn(cell, 4, identityHeld(cell, "88000001", 1));
    assert.equal(
      await ask(),
      "218 No matching mbus device found with mbusIdentificationNumber: 88000001 and mbusManufacturerIdentification: LGB",
    );
    const cleared = await byChannel("DecoupleMbusDeviceByChannel", 4);
    assert.equal(leaf(cleared, "resultString"), "Decouple Mbus Device was successful");
    assert.equal(leaf(cleared, "mbusDeviceIdentification"), undefined);
    requireEmpty(cell, 4);
  });

  it("touches no device of an organisation that did not ask, and no channel that has one on it", async () => {
    const foreign = await know("FRGN", "89000001", undefined, "other-org");
    const unauthorised = /^301 Organisation test-org is not authorised for/;
    assert.match(text(await couple(foreign))!, unauthorised);
    putOn(cell, 4, identityHeld(cell, "89000001", 1));
    assert.match(text(await byChannel("CoupleMbusDeviceByChannel", 4))!, unauthorised);
    assert.match(text(await byChannel("DecoupleMbusDeviceByChannel", 4))!, unauthorised);
    assert.deepEqual(heldOn(cell, 4), identityHeld(cell, "89000001", 1));
    assert.equal(await couplingOf(cell, foreign), undefined);
    putOn(cell, 4);
  });

  it("decouples a device whose meter does not let it be deinstalled", async () => {
    const gas = await know("STUB", "90000001");
    assert.equal(text(await couple(gas)), "OK");
    cell.meter.behaviours.add({ name: "keeps-slaves", invoke: () => ({ result: "hardware-fault" }) });
    assert.equal(text(await decouple(gas)), "OK");
    cell.meter.behaviours.clear();
    requireEmpty(cell, 2);
    assert.equal(await couplingOf(cell, gas), undefined);
  });

  it("records nothing when the meter does not take the identity", async () => {
    const gas = await know("DENY", "91000001");
    cell.meter.behaviours.add({ name: "refuses", set: () => "read-write-denied" });
    const answer = await couple(gas);
    cell.meter.behaviours.clear();
    assert.match(leaf(answer, "InnerMessage") ?? "", /could not be written to channel 2: \[READ_WRITE_DENIED/);
    assert.equal(await couplingOf(cell, gas), undefined);
  });

  it("leaves the log an entry of each change of what is coupled", async () => {
    const entries: string[] = [];
    for (let from = 0; ; ) {
      const some = await world.service.store.messageLog.read(from, 500);
      if (some.length === 0) break;
      from += some.length;
      for (const { leaf: one } of some) if (one.service === "platform") entries.push(one.operation);
    }
    for (const operation of ["AddDevice", "couple", "decouple"]) assert.ok(entries.includes(operation), operation);
  });

  it("leaves operators nothing to complain of", () => assert.deepEqual(world.complaints, []));
});
