import assert from "node:assert/strict";
import type { DlmsDevice } from "../../src/adapters/dlms/device.ts";
import { recordsIn } from "../../src/adapters/dlms/family.ts";
import { Inventory } from "../../src/devices/inventory.ts";
import type { RequestedOperation } from "../../src/domain/request.ts";
import { readableRows } from "../store/readable-rows.ts";
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
    inventory = new Inventory(parts.store.devices, parts.clock);
    await parts.load({ organisations: ORGANISATIONS, devices: [meterEntry(), gasMeter({ gateway })] });
  });

  afterEach(() => parts.close());

  /** The calls that reach the store while `run` runs. */
  async function queriesDuring(run: () => Promise<unknown>): Promise<number> {
    const before = parts.store.calls();
    await run();
    return parts.store.calls() - before;
  }

  it("finds a device, and nothing for an unknown one", async () => {
    assert.equal(((await inventory.find(METER)) as DlmsDevice | undefined)?.dlms?.host, "127.0.0.1");
    assert.equal(await inventory.find("UNKNOWN000000000"), undefined);
  });

  it("names a device whose record cannot be read, and hides no other behind it", async () => {
    const twin = { ...gasMeter({ gateway }), identification: "TESTG999900000001" };
    await parts.load({
      devices: [twin, meterEntry({ identification: "TEST9999000000001", systemTitle: "4D47540000000001" })],
    });
    for (const spoilt of ["{}", "null", "7"]) {
      parts.store.sql.run("update device set record = ? where identification = ?", spoilt, twin.identification);
      const rows = await inventory.list({ offset: 0, limit: 9 });
      const names = rows.map((row) => ("device" in row ? row.device.identification : `${row.identification}!`));
      assert.deepEqual(names, [METER, "TEST9999000000001", GAS_METER, `${twin.identification}!`]);
      assert.equal((await inventory.findMbusDevice(mbus)).identification, GAS_METER);
      assert.equal((await inventory.findBySystemTitle("4D47540000000001"))?.identification, "TEST9999000000001");
      await assert.rejects(inventory.find(twin.identification), {
        code: "ROW_UNREADABLE",
        message: /^the stored record of device TESTG999900000001 cannot be read/,
      });
    }
    await parts.load({ devices: [twin] });
    assert.equal((await inventory.find(twin.identification))?.identification, twin.identification);
  });

  it("asks the database once, as long as nothing is a second old", async () => {
    const ask = async () => {
      assert.ok(await inventory.find(METER));
      assert.ok(await inventory.isAuthorised("test-org", METER, "GetFirmwareVersion"));
    };
    await ask();
    assert.equal(await queriesDuring(ask), 0);
    parts.clock.advance(1000);
    assert.equal(await queriesDuring(ask), 1);
  });

  it("sees a change by somebody else after a second, and an added device at once", async () => {
    await inventory.find(METER);
    const added = "TEST1024000000002";
    await parts.load({ devices: [meterEntry({ host: "10.0.0.1" }), meterEntry({ identification: added })] });
    assert.ok(await inventory.find(added));
    assert.equal(((await inventory.find(METER)) as DlmsDevice | undefined)?.dlms?.host, "127.0.0.1");
    parts.clock.advance(1000);
    assert.equal(((await inventory.find(METER)) as DlmsDevice | undefined)?.dlms?.host, "10.0.0.1");
  });

  it("lets nobody by on what is a second old while it asks whether that still holds", async () => {
    const { devices } = parts.store;
    const pending: ((version: number) => void)[] = [];
    let isSlow = false;
    const slow = new Proxy(devices, {
      get: (target, name: keyof typeof devices) => {
        if (name === "version" && isSlow) return () => new Promise<number>((resolve) => pending.push(resolve));
        return (target[name] as (...args: unknown[]) => unknown).bind(target);
      },
    });
    inventory = new Inventory(slow, parts.clock);
    const ask = () => inventory.isAuthorised("other-org", METER, "GetFirmwareVersion");
    await parts.load({
      devices: [meterEntry({ authorisations: [{ organisation: "other-org", functionGroup: "FIRMWARE" }] })],
    });
    assert.equal(await ask(), true);
    await parts.load({ devices: [meterEntry({ authorisations: [] })] });
    parts.clock.advance(1000);
    isSlow = true;
    const answers = Promise.all([ask(), ask(), ask()]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(pending.length, 1, "they share the question");
    isSlow = false;
    pending[0]!(await devices.version());
    assert.deepEqual(await answers, [false, false, false]);
  });

  it("sees a right that was withdrawn after a second also when the wall clock stepped back an hour", async () => {
    await inventory.find(METER);
    parts.clock.step(-3_600_000);
    await parts.load({ devices: [meterEntry({ host: "10.0.0.1" })] });
    parts.clock.advance(1000);
    assert.equal(((await inventory.find(METER)) as DlmsDevice | undefined)?.dlms?.host, "10.0.0.1");
  });

  it("keeps the firmware versions that a device told, the latest of each module with its time", async () => {
    const [active, module] = ["ACTIVE_FIRMWARE", "MODULE_ACTIVE_FIRMWARE"];
    await inventory.setFirmwareVersions(METER, [
      { module: active, version: "V1" },
      { module, version: "M1" },
    ]);
    parts.clock.advance(5);
    await inventory.setFirmwareVersions(METER, [{ module: active, version: "V2" }]);
    const now = parts.clock.now();
    assert.deepEqual(await inventory.firmwareVersions(METER), [
      { module: active, version: "V2", readMs: now },
      { module, version: "M1", readMs: now - 5 },
    ]);
    assert.deepEqual(await inventory.firmwareVersions(GAS_METER), []);
  });

  it("lets an owner do everything", async () => {
    for (const operation of ["ReplaceKeys", "GetFirmwareVersion", "Bundle"]) {
      assert.equal(await inventory.isAuthorised("test-org", METER, operation), true);
    }
  });

  it("lets the FIRMWARE group read and update firmware, and nothing else", async () => {
    const authorisations = [{ organisation: "other-org", functionGroup: "FIRMWARE" }];
    await parts.load({ devices: [meterEntry({ authorisations })] });
    const may = (operation: RequestedOperation) => inventory.isAuthorised("other-org", METER, operation);
    assert.equal(await may("GetFirmwareVersion"), true);
    assert.equal(await may("UpdateFirmware"), true);
    // A bundle itself asks for nothing: each of its actions is looked at.
    assert.equal(await may("Bundle"), true);
    for (const operation of ["GetActualMeterReads", "SetSpecialDays", "GetKeys", "Forgotten"]) {
      assert.equal(await may(operation), false, operation);
    }
  });

  it("sees a right that was added at once", async () => {
    const may = () => inventory.isAuthorised("other-org", METER, "SetSpecialDays");
    assert.equal(await may(), false);
    const authorisations = [{ organisation: "other-org", functionGroup: "OWNER" }];
    await parts.load({ devices: [meterEntry({ authorisations })] });
    assert.equal(await may(), true);
  });

  it("lets nobody do anything who is unknown, nor with what is unknown", async () => {
    assert.equal(await inventory.isAuthorised("nobody", METER, "ReplaceKeys"), false);
    assert.equal(await inventory.isAuthorised("test-org", "UNKNOWN000000000", "ReplaceKeys"), false);
  });

  it("tells whose a device is", async () => {
    const authorisations = [{ organisation: "other-org", functionGroup: "FIRMWARE" }];
    await parts.load({ devices: [gasMeter({ owner: undefined, authorisations })] });
    assert.equal(await inventory.ownerOf(METER), "test-org");
    assert.equal(await inventory.ownerOf(GAS_METER), undefined);
    assert.equal(await inventory.ownerOf("UNKNOWN000000000"), undefined);
  });

  it("keeps what was learnt about a device, and lets others see it", async () => {
    const other = new Inventory(parts.store.devices, parts.clock);
    await other.find(METER);
    await inventory.setTimezone(METER, "Europe/Lisbon");
    await recordsIn(inventory, { warn() {} }).setSecurity(METER, { hls5Active: false, lls1Active: true });
    parts.clock.advance(1000);
    for (const each of [inventory, other]) {
      const device = (await each.find(METER)) as DlmsDevice | undefined;
      assert.equal(device?.timezone, "Europe/Lisbon");
      assert.deepEqual(device?.security, { hls5Active: false, hls4Active: false, hls3Active: false, lls1Active: true });
      assert.equal(device?.dlms?.host, "127.0.0.1");
    }
    await assert.rejects(inventory.setTimezone("UNKNOWN000000000", "UTC"), { code: "UNKNOWN_DEVICE" });
  });

  it("finds an M-Bus device by what its meter reports, if it is the only one", async () => {
    assert.equal((await inventory.findMbusDevice(mbus)).identification, GAS_METER);
    await assert.rejects(inventory.findMbusDevice({ ...mbus, manufacturerIdentification: "XXX" }), {
      code: "UNKNOWN_DEVICE",
      message: /^No device with M-Bus identification number 00000024 and manufacturer XXX$/,
    });
    await parts.load({ devices: [gasMeter({ identification: "TESTG102400000002" })] });
    await assert.rejects(inventory.findMbusDevice(mbus), { code: "UNKNOWN_DEVICE", message: /^More than one device/ });
  });

  it("lists devices page by page, of one organisation or of all", async () => {
    await parts.load({ devices: [gasMeter({ gateway, owner: "other-org" })] });
    const listed = async (organisation?: string) =>
      readableRows(await inventory.list({ offset: 0, limit: 10, ...(organisation ? { organisation } : {}) })).map(
        (row) => row.device.identification,
      );
    assert.deepEqual(await listed(), [METER, GAS_METER]);
    assert.deepEqual(await listed("other-org"), [GAS_METER]);
    assert.equal(await inventory.count("other-org"), 1);
    const [second] = readableRows(await inventory.list({ offset: 1, limit: 10 }));
    assert.equal(second?.device.identification, GAS_METER);
  });
});
