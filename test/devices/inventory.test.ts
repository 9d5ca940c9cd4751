import assert from "node:assert/strict";
import { Inventory } from "../../src/devices/inventory.ts";
import { GAS_METER, METER, meterEntry, ORGANISATIONS, openParts, type Parts } from "./parts.ts";

const mbus = { identificationNumber: "00000024", manufacturerIdentification: "LGB", version: 66, deviceType: 3 };
const gasMeter = (more: object = {}) => ({
  identification: GAS_METER,
  protocol: { name: "SMR", version: "5.0.0" },
  owner: "test-org",
  mbus,
  ...more,
});
const gateway = { device: METER, channel: 1 };

describe("the inventory", () => {
  let parts: Parts;
  let inventory: Inventory;

  beforeEach(async () => {
    parts = await openParts();
    inventory = new Inventory(parts.database, parts.clock);
    await parts.load({ organisations: ORGANISATIONS, devices: [meterEntry(), gasMeter({ gateway })] });
  });

  afterEach(() => parts.close());

  /** The statements that reach the database while `run` runs. */
  async function queriesDuring(run: () => Promise<unknown>): Promise<number> {
    let count = 0;
    const countOne = () => {
      count++;
    };
    parts.database.knex.on("query", countOne);
    await run();
    parts.database.knex.off("query", countOne);
    return count;
  }

  it("finds a device, and nothing for an unknown one", async () => {
    assert.equal((await inventory.find(METER))?.dlms?.host, "127.0.0.1");
    assert.equal(await inventory.find("UNKNOWN000000000"), undefined);
  });

  it("asks the database once, as long as nothing is a second old", async () => {
    await inventory.authorise("test-org", METER, "GetFirmwareVersion");
    assert.equal(await queriesDuring(() => inventory.authorise("test-org", METER, "GetFirmwareVersion")), 0);
    parts.clock.advance(1000);
    assert.equal(await queriesDuring(() => inventory.authorise("test-org", METER, "GetFirmwareVersion")), 1);
  });

  it("sees a change by somebody else after a second, and an added device at once", async () => {
    await inventory.find(METER);
    const added = "TEST1024000000002";
    await parts.load({ devices: [meterEntry({ host: "10.0.0.1" }), meterEntry({ identification: added })] });
    assert.ok(await inventory.find(added));
    assert.equal((await inventory.find(METER))?.dlms?.host, "127.0.0.1");
    parts.clock.advance(1000);
    assert.equal((await inventory.find(METER))?.dlms?.host, "10.0.0.1");
  });

  it("lets an owner do everything", async () => {
    assert.equal((await inventory.authorise("test-org", METER, "ReplaceKeys")).identification, METER);
  });

  it("lets the FIRMWARE group read and update firmware, and nothing else", async () => {
    const authorisations = [{ organisation: "other-org", functionGroup: "FIRMWARE" }];
    await parts.load({ devices: [meterEntry({ authorisations })] });
    await inventory.authorise("other-org", METER, "GetFirmwareVersion");
    await inventory.authorise("other-org", METER, "UpdateFirmware");
    for (const operation of ["GetFirmwareVersionGas", "SetSpecialDays"] as const) {
      await assert.rejects(inventory.authorise("other-org", METER, operation), {
        code: "UNAUTHORIZED",
        message: `other-org has no right to run ${operation} on ${METER}`,
      });
    }
  });

  it("sees a right that was added at once", async () => {
    await assert.rejects(inventory.authorise("other-org", METER, "SetSpecialDays"), { code: "UNAUTHORIZED" });
    await parts.load({
      devices: [meterEntry({ authorisations: [{ organisation: "other-org", functionGroup: "OWNER" }] })],
    });
    await inventory.authorise("other-org", METER, "SetSpecialDays");
  });

  it("wants a right on the meter in front of an M-Bus device too", async () => {
    await parts.load({ devices: [gasMeter({ gateway, owner: "other-org" })] });
    await assert.rejects(inventory.authorise("other-org", GAS_METER, "GetFirmwareVersionGas"), {
      code: "UNAUTHORIZED",
      message: `other-org has no right to run GetFirmwareVersionGas on ${METER}`,
    });
  });

  it("asks for the organisation first, then the device, then the right", async () => {
    const unknown = "UNKNOWN000000000";
    await assert.rejects(inventory.authorise("nobody", unknown, "ReplaceKeys"), { code: "UNKNOWN_ORGANISATION" });
    await assert.rejects(inventory.authorise("other-org", unknown, "ReplaceKeys"), { code: "UNKNOWN_DEVICE" });
    await assert.rejects(inventory.authorise("other-org", METER, "ReplaceKeys"), { code: "UNAUTHORIZED" });
  });

  it("routes an M-Bus device to the meter in front of it, and a meter to itself", async () => {
    const device = await inventory.find(GAS_METER);
    assert.equal((await inventory.route(device!)).identification, METER);
    const meter = await inventory.find(METER);
    assert.equal(await inventory.route(meter!), meter);
  });

  it("has no route for an M-Bus device without a gateway, or behind another M-Bus device", async () => {
    const second = "TESTG102400000002";
    await parts.load({
      devices: [gasMeter(), gasMeter({ identification: second, gateway: { device: GAS_METER, channel: 1 } })],
    });
    parts.clock.advance(1000);
    await assert.rejects(inventory.route((await inventory.find(GAS_METER))!), {
      code: "GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE",
    });
    await assert.rejects(inventory.route((await inventory.find(second))!), {
      code: "GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE",
    });
  });

  it("finds an M-Bus device by what its meter reports, if it is the only one", async () => {
    assert.equal((await inventory.findMbusDevice(mbus)).identification, GAS_METER);
    await assert.rejects(inventory.findMbusDevice({ ...mbus, manufacturerIdentification: "XXX" }), {
      code: "UNKNOWN_DEVICE",
      message: /^no device with M-Bus identification number 00000024 and manufacturer XXX$/,
    });
    await parts.load({ devices: [gasMeter({ identification: "TESTG102400000002" })] });
    await assert.rejects(inventory.findMbusDevice(mbus), { code: "UNKNOWN_DEVICE", message: /^more than one device/ });
  });

  it("lists devices page by page, of one organisation or of all", async () => {
    await parts.load({ devices: [gasMeter({ gateway, owner: "other-org" })] });
    const listed = async (organisation?: string) =>
      (await inventory.list({ offset: 0, limit: 10, ...(organisation ? { organisation } : {}) })).map(
        (row) => row.device.identification,
      );
    assert.deepEqual(await listed(), [METER, GAS_METER]);
    assert.deepEqual(await listed("other-org"), [GAS_METER]);
    assert.equal(await inventory.count("other-org"), 1);
    const [second] = await inventory.list({ offset: 1, limit: 10 });
    assert.equal(second?.device.identification, GAS_METER);
  });
});
