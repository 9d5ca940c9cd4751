import assert from "node:assert/strict";
import { createDecipheriv, createHash } from "node:crypto";
import { type Answered, leaf } from "../../src/cli/erp-client.ts";
import { importDevices } from "../../src/devices/import.ts";
import { cosem } from "../../src/dlms/data.ts";
import { FAMILIES } from "../../src/families.ts";
import { concatBytes, fromHex, toHex } from "../../src/lib/bytes.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { imageTransfer } from "../../src/simulators/dlms/behaviours.ts";
import { receivedImage } from "../../src/simulators/dlms/classes/image-transfer.ts";
import { gasMeterKeys } from "../../src/simulators/dlms/mbus-keys.ts";
import { run, type World } from "./harness.ts";
import { adhoc, Cell, configuration, requireOk } from "./matrix-case.ts";
import { VERSIONS, type Version } from "./matrix-expectations.ts";
import { setKeyOnGMeterRequest } from "./matrix-keys.ts";
import { keyStatusByChannel } from "./matrix-reads.ts";
import { configurationObject, randomisation, TEST_ALARM_TIME, testAlarm } from "./matrix-settings.ts";
import { startMatrixWorld } from "./matrix-world.ts";

/** Firmware for gas meters of LGB with any identification number: header of 35 octets, image of 300, room for the MAC. */
const GAS_IMAGE = concatBytes(
  fromHex("534D523500230011004000" + "2C010000" + "1000020801" + "E230FFFFFFFF5003" + "03000000000000"),
  Uint8Array.from({ length: 300 }, (_, i) => (i * 11) & 0xff),
  new Uint8Array(16),
);
const GAS_FIRMWARE = {
  identification: "MATRIX_GAS",
  image: GAS_IMAGE,
  sha256: createHash("sha256").update(GAS_IMAGE).digest("hex"),
  models: ["SIM-1"],
};

describe("operations that versions offer in part", () => {
  let world: World;
  before(async () => {
    world = await startMatrixWorld();
    await world.service.store.firmware.put(GAS_FIRMWARE, 0, []);
  });
  after(() => world.stop());

  const on = (version: Version) => new Cell(world, VERSIONS.find((place) => place.version === version)!);

  function requireCode(answer: Answered, code: string, text: string): void {
    assert.equal(leaf(answer, "Code"), code, answer.xml);
    assert.equal(leaf(answer, "InnerMessage"), text);
  }

  /** An operation that only changes something tells of a 416 in its Description. */
  function requireNotOk(answer: Answered, text: string): void {
    assert.deepEqual([leaf(answer, "Result"), leaf(answer, "Description")], ["NOT OK", text], answer.xml);
  }

  const CONFIGURATION_OBJECT = "1/0.1.94.31.3.255/2";
  for (const version of ["SMR 4.3", "SMR 5.0.0", "SMR 5.5"] as const) {
    it(`attach ${version} directly, and leave its randomisation settings as they are`, async () => {
      const cell = on(version);
      cell.write(CONFIGURATION_OBJECT, configurationObject(cell, 1, "1200"));
      const settings = cell.read("1/0.1.94.31.12.255/2");
      requireOk(await run(world.client, randomisation(cell.device, 1)));
      assert.deepEqual(cell.read(CONFIGURATION_OBJECT), cell.isSmr5 ? "1220" : [1, "1220"]);
      assert.deepEqual(cell.read("1/0.1.94.31.12.255/2"), settings);
    });
  }

  it("do not attach DSMR 4.2.2 directly, which has no flag for it", async () => {
    const cell = on("DSMR 4.2.2");
    const before = cell.read(CONFIGURATION_OBJECT);
    const answer = await run(world.client, randomisation(cell.device, 1));
    requireNotOk(answer, "ConfigurationFlagTypeDto DIRECT_ATTACH_AT_POWER_ON not known for protocol");
    assert.deepEqual(cell.read(CONFIGURATION_OBJECT), before);
  });

  it("schedule a last gasp on SMR 5.5", async () => {
    const cell = on("SMR 5.5");
    requireOk(await run(world.client, testAlarm(cell.device, "LAST_GASP")));
    assert.deepEqual(cell.read("22/0.0.15.2.4.255/4"), TEST_ALARM_TIME);
  });

  for (const version of ["SMR 5.1", "SMR 5.2"] as const) {
    it(`do not schedule a last gasp on ${version}`, async () => {
      const answer = await run(world.client, testAlarm(on(version).device, "LAST_GASP"));
      requireNotOk(answer, `No address found for LAST_GASP_TEST in protocol ${version}`);
    });
  }

  it("bring every key into a gas meter behind SMR 5", async () => {
    const { meter, gasMeter } = on("SMR 5.5");
    const { vault } = world.service;
    for (const type of ["G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY", "G_METER_OPTICAL_PORT_KEY"] as const) {
      requireOk(await run(world.client, setKeyOnGMeterRequest(gasMeter, type)));
      const { firmwareUpdateAuthentication, opticalPort } = gasMeterKeys(meter.meter, 1);
      const onMeter = type === "G_METER_OPTICAL_PORT_KEY" ? opticalPort : firmwareUpdateAuthentication;
      assert.ok(onMeter, `no ${type} on the gas meter`);
      assert.deepEqual(onMeter, await vault.getActive(gasMeter, type, { purpose: "test", correlationUid: "test" }));
    }
  });

  it("bring firmware into a gas meter behind SMR 5, addressed to it and sealed with its key", async () => {
    const cell = on("SMR 5.2");
    const { meter, gasMeter } = cell;
    const { identificationNumber } = meter.meter.description.mbusDevices.get(1)!;
    const keyType = "G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY";
    requireOk(await run(world.client, setKeyOnGMeterRequest(gasMeter, keyType)));
    meter.behaviours.add(imageTransfer({ blockLoss: 0.3, activationMs: 0 }));
    const content = "<s:FirmwareIdentification>MATRIX_GAS</s:FirmwareIdentification>";
    requireOk(await run(world.client, configuration("UpdateFirmware", gasMeter, content)));

    const received = receivedImage(meter.meter);
    const identification = Buffer.from(identificationNumber, "hex").reverse();
    assert.equal(toHex(received.subarray(22, 27)), `${toHex(identification)}50`);
    assert.deepEqual(received.subarray(35, -16), GAS_FIRMWARE.image.subarray(35, -16));
    // Manufacturer, identification number, version, medium; firmware version, most significant octet first.
    const nonce = concatBytes(fromHex("E230"), identification, fromHex("5003"), fromHex("00400011"));
    const check = createDecipheriv("aes-128-gcm", gasMeterKeys(meter.meter, 1).firmwareUpdateAuthentication!, nonce);
    check.setAAD(received.subarray(0, -16));
    check.setAuthTag(received.subarray(-16));
    assert.doesNotThrow(() => check.final());
    assert.equal(cell.read("18/0.0.44.0.0.255/6"), 6);
  });

  it("bring only the user key into a gas meter behind DSMR 4.2.2", async () => {
    const { meter, gasMeter } = on("DSMR 4.2.2");
    const answer = await run(world.client, setKeyOnGMeterRequest(gasMeter, "G_METER_OPTICAL_PORT_KEY"));
    requireNotOk(
      answer,
      "Unsupported combination of protocol DSMR 4.2.2 and key type G_METER_OPTICAL_PORT_KEY in request to set key on g-meter",
    );
    assert.equal(gasMeterKeys(meter.meter, 1).opticalPort, undefined);
  });

  it("say of a channel without a device that it has no key, whatever the meter says of the key", async () => {
    const cell = on("SMR 5.1");
    cell.write("72/0.2.24.1.0.255/14", cosem.enum(4));
    const answer = await run(world.client, keyStatusByChannel(cell.device, 2));
    assert.equal(leaf(answer, "EncryptionKeyStatus"), "NO_ENCRYPTION_KEY");
  });

  it("refuse to read a key status of an electricity meter, which is on no channel", async () => {
    const cell = on("SMR 5.2");
    const answer = await run(world.client, configuration("GetMbusEncryptionKeyStatus", cell.device));
    requireCode(answer, "220", "Meter for gas reads should have an energy meter as gateway device.");
  });

  const refuses = async (document: Uint8Array<ArrayBuffer>, text: string) => {
    const sent = await world.client.send(document);
    assert.ok("fault" in sent, "accepted");
    requireCode(sent.fault, "416", text);
  };

  it("go by the version of the meter in front of a gas meter, not by the gas meter's own", async () => {
    const device = {
      identification: "TESTGOTHER0000001",
      protocol: { name: "SMR", version: "5.0.0" },
      gateway: { device: on("DSMR 2.2").device, channel: 2 },
      owner: "test-org",
    };
    const { store, vault } = world.service;
    const parts = { families: FAMILIES, store, vault, clock: systemClock, replaceKeys: true };
    await importDevices(JSON.stringify({ devices: [device] }), parts);
    const text = "No address found for MBUS_CLIENT_SETUP in protocol DSMR 2.2";
    await refuses(configuration("GetMbusEncryptionKeyStatus", device.identification), text);
  });

  for (const [name, document] of [
    ["GetAdministrativeStatus", configuration],
    ["GenerateAndReplaceKeys", configuration],
    ["GetAllAttributeValues", adhoc],
    ["ScanMbusChannels", adhoc],
  ] as const) {
    it(`do not run ${name} on the meter in front of a gas meter that is addressed`, () =>
      refuses(document(name, on("SMR 5.0.0").gasMeter), `${name} is not offered for M-Bus devices`));
  }
});
