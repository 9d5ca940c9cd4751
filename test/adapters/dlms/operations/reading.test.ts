import assert from "node:assert/strict";
import type { DlmsDevice } from "../../../../src/adapters/dlms/device.ts";
import { parseObis } from "../../../../src/lib/obis.ts";
import type { OperationRequest } from "../../../../src/operations/registry.ts";
import { testDevice } from "../devices.ts";
import { NOW_MS, type Refusal, type Running, refuseGet, refuseSet, startMeter } from "./running.ts";

const gasMeter = (channel: number): DlmsDevice => ({
  ...testDevice({ identification: "TESTG102400000001" }),
  dlms: undefined,
  gateway: { device: "TEST1024000000001", channel },
  mbus: { identificationNumber: "12056731", manufacturerIdentification: "LGB", version: 66, deviceType: 3 },
});

describe("reading operations on a meter", () => {
  let meter: Running;
  const start = async (protocol: string, refusal?: Refusal, withListMax = 1) => {
    meter = await startMeter(protocol, refusal, { address: { withListMax } });
  };
  afterEach(() => meter.close());

  for (const [protocol, modules] of [
    ["DSMR 2.2", 3],
    ["SMR 4.3", 3],
    ["SMR 5.1", 4],
  ] as const) {
    it(`GetFirmwareVersion names the ${modules} modules of ${protocol}, in one list`, async () => {
      await start(protocol, undefined, 32);
      const result = await meter.run("GetFirmwareVersion", {});
      assert.ok(typeof result !== "string", String(result));
      assert.equal(result.versions.length, modules);
      assert.deepEqual(result.versions[0], { module: "ACTIVE_FIRMWARE", version: "M57 4836" });
      assert.equal(meter.served.requests.length, 1);
      const [[device, first, ...others]] = meter.records.log as [[string, string, ...string[]]];
      assert.deepEqual([device, first, others.length], ["TEST1024000000001", "ACTIVE_FIRMWARE M57 4836", modules - 1]);
    });
  }

  it("GetFirmwareVersion fails when a module does not tell", async () => {
    await start("SMR 5.1", refuseGet("1/1.4.0.2.0.255/2"));
    assert.match(String(await meter.run("GetFirmwareVersion", {})), /^ERROR_RETRIEVING_ATTRIBUTE_VALUE/);
  });

  it("GetFirmwareVersionGas reads the channel that the gas meter is on", async () => {
    await start("SMR 5.1");
    assert.deepEqual(await meter.run("GetFirmwareVersionGas", {}, { target: gasMeter(2) }), {
      version: { module: "SIMPLE_VERSION_INFO", version: "19180706" },
    });
    assert.deepEqual(meter.asked, ["get 4/0.2.24.2.11.255/2"]);
    assert.deepEqual(meter.records.log, [["TESTG102400000001", "SIMPLE_VERSION_INFO 19180706"]]);
    assert.match(String(await meter.run("GetFirmwareVersionGas", {})), /^VALIDATION_ERROR:.*No channel configured/);
  });

  it("a gas meter without gateway is told so in the words of each operation, whatever its version; nothing is connected to", async () => {
    await start("SMR 5.1");
    const alone = { ...gasMeter(1), gateway: undefined, protocol: { name: "DSMR", version: "2.2" } };
    const run = { target: alone, device: alone };
    assert.equal(
      await meter.run("GetFirmwareVersionGas", {}, run),
      "VALIDATION_ERROR: Retrieving firmware version for gas meter. No gateway device found.",
    );
    const missing =
      "GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE: Meter for gas reads should have an energy meter as gateway device.";
    assert.equal(await meter.run("GetMbusEncryptionKeyStatus", {}, run), missing);
    const request = { mbusDevice: alone.identification, secretType: "G_METER_ENCRYPTION_KEY", closeOpticalPort: false };
    assert.equal(await meter.run("SetKeyOnGMeter", request as OperationRequest<"SetKeyOnGMeter">, run), missing);
    assert.match(
      String(await meter.run("ScanMbusChannels", {}, run)),
      /^OPERATION_NOT_SUPPORTED.*not offered for M-Bus devices$/,
    );
    assert.equal(meter.served.connections, 0);
  });

  it("GetFirmwareVersionGas is not supported by meters that do not keep the version", async () => {
    await start("SMR 4.3");
    assert.match(
      String(await meter.run("GetFirmwareVersionGas", {}, { target: gasMeter(1) })),
      /^OPERATION_NOT_SUPPORTED.*: Simple Version Info not supported by protocol$/,
    );
  });

  it("GetMbusEncryptionKeyStatus goes to the gas meter's channel, and needs one", async () => {
    await start("SMR 5.1");
    assert.deepEqual(await meter.run("GetMbusEncryptionKeyStatus", {}, { target: gasMeter(1) }), {
      status: "ENCRYPTION_KEY_IN_USE",
    });
    assert.deepEqual(meter.asked, ["get 72/0.1.24.1.0.255/14"]);
    assert.match(String(await meter.run("GetMbusEncryptionKeyStatus", {})), /^GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE/);
  });

  it("GetMbusEncryptionKeyStatusByChannel does not ask an empty channel", async () => {
    await start("SMR 5.1");
    assert.deepEqual(await meter.run("GetMbusEncryptionKeyStatusByChannel", { channel: 1 }), {
      status: "ENCRYPTION_KEY_IN_USE",
    });
    assert.ok(meter.asked.includes("get 72/0.1.24.1.0.255/14"));
    assert.deepEqual(await meter.run("GetMbusEncryptionKeyStatusByChannel", { channel: 3 }), {
      status: "NO_ENCRYPTION_KEY",
    });
    assert.ok(!meter.asked.includes("get 72/0.3.24.1.0.255/14"));
  });

  for (const protocol of ["DSMR 4.2.2", "SMR 5.1"]) {
    it(`ScanMbusChannels tells who is on the four channels of ${protocol}`, async () => {
      await start(protocol);
      const result = await meter.run("ScanMbusChannels", {});
      assert.ok(typeof result !== "string", String(result));
      assert.deepEqual(result.channels[0], {
        channel: 1,
        identificationNumber: "12056731",
        manufacturerIdentification: "LGB",
        versionIdentification: 66,
        deviceTypeIdentification: 3,
      });
      assert.deepEqual(result.channels[3], {
        channel: 4,
        identificationNumber: "00000000",
        manufacturerIdentification: "",
        versionIdentification: 0,
        deviceTypeIdentification: 0,
      });
    });
  }

  it("GetSpecificAttributeValue gives a value as text, and the meter's code when there is none", async () => {
    await start("SMR 5.1");
    const administrative = { classId: 1, logicalName: parseObis("0.1.94.31.0.255"), attribute: 2 };
    const result = await meter.run("GetSpecificAttributeValue", administrative);
    assert.ok(typeof result !== "string", String(result));
    assert.match(result.text, /^DataObject: Choice=ENUMERATE, ResultData isNumber, value=\[java\.lang\.Integer\]: \d$/);
    assert.equal(
      await meter.run("GetSpecificAttributeValue", { ...administrative, logicalName: parseObis("9.9.9.9.9.9") }),
      "ERROR_RETRIEVING_ATTRIBUTE_VALUE: Retrieving attribute value for { 1, 9.9.9.9.9.9, 2 }. Result: resultCode(4), with data: null",
    );
  });

  it("GetAssociationLnObjects lists objects with their access rights", async () => {
    await start("SMR 5.5");
    const result = await meter.run("GetAssociationLnObjects", {});
    assert.ok(typeof result !== "string", String(result));
    const clock = result.objects.find(({ logicalName }) => logicalName === "0.0.1.0.0.255");
    assert.equal(clock?.classId, 8);
    assert.ok(clock.attributes.some(({ id, mode }) => id === 2 && mode === 3));
    assert.ok(result.objects.length > 100);
  });

  it("GetAllAttributeValues gives a value or the reason why there is none for every attribute", async () => {
    const refusal: Refusal = (request) => {
      if (request.type !== "get") return undefined;
      const [first] = request.attributes;
      // This object does not answer to one attribute nor to lists, the next one refuses one attribute.
      const isList = request.attributes.length > 1;
      if (first?.logicalName === "0.0.96.1.0.255" && (isList || first.attribute === 2)) return { refuse: [1, 2] };
      return refuseGet("1/0.0.96.1.1.255/2")(request);
    };
    await start("DSMR 4.2.2", refusal, 8);
    const result = await meter.run("GetAllAttributeValues", {});
    assert.ok(typeof result !== "string", String(result));
    const objects = JSON.parse(result.output) as {
      obis: string;
      tag?: string;
      attributes?: { id: number; error?: string }[];
    }[];
    const find = (obis: string) => objects.find((object) => object.obis === obis);
    assert.deepEqual(find("0.1.94.31.0.255"), {
      tag: "ADMINISTRATIVE_IN_OUT",
      "class-id": 1,
      version: 0,
      obis: "0.1.94.31.0.255",
      attributes: [
        { id: 1, datatype: "octet-string", value: "00015E1F00FF", access: "READ_ONLY" },
        { id: 2, datatype: "enum", value: 0, access: "READ_AND_WRITE" },
      ],
    });
    const [name, value] = find("0.0.96.1.0.255")?.attributes ?? [];
    assert.deepEqual(name, { id: 1, datatype: "octet-string", value: "0000600100FF", access: "READ_ONLY" });
    assert.match(value?.error ?? "", /exception/);
    assert.deepEqual(find("0.0.96.1.1.255")?.attributes?.[1], {
      id: 2,
      error: "OBJECT_UNAVAILABLE",
      access: "READ_ONLY",
    });
    const unexplained = objects
      .flatMap(({ obis, attributes }) => (attributes ?? []).map((attribute) => ({ obis, ...attribute })))
      .filter((attribute) => !("value" in attribute) && !attribute.error);
    assert.deepEqual(unexplained, []);
  });

  it("SynchronizeTime sets the present time in the zone of the request, and the record keeps the zone", async () => {
    await start("SMR 5.1");
    assert.deepEqual(await meter.run("SynchronizeTime", { timeZone: "Europe/Amsterdam" }), {});
    assert.deepEqual(meter.records.log, [["TEST1024000000001", "Europe/Amsterdam"]]);
    assert.equal(meter.meter.nowMs(), NOW_MS);
    await meter.close();
    await start("SMR 5.1", refuseSet("8/0.0.1.0.0.255/2"));
    assert.equal(
      await meter.run("SynchronizeTime", { timeZone: "Europe/Amsterdam" }),
      "DEVICE_REFUSED: AccessResultCode for synchronizeTime: READ_WRITE_DENIED",
    );
    assert.deepEqual(meter.records.log, []);
  });

  it("TestAlarmScheduler schedules the alarm, in the meter's zone, when the time is still to come", async () => {
    await start("SMR 5.5");
    const request = { scheduleTimeMs: NOW_MS + 3_600_000, alarmType: "LAST_GASP" } as const;
    assert.deepEqual(await meter.run("TestAlarmScheduler", request), {});
    assert.deepEqual(meter.asked, ["set 22/0.0.15.2.4.255/4"]);
    const past = await meter.run("TestAlarmScheduler", { ...request, scheduleTimeMs: NOW_MS });
    assert.match(String(past), /^VALIDATION_ERROR: .*past/);
    await meter.close();
    await start("SMR 5.1");
    assert.match(String(await meter.run("TestAlarmScheduler", request)), /No address found for LAST_GASP_TEST/);
  });
});
