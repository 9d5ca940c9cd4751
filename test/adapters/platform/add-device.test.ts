import assert from "node:assert/strict";
import { DLMS } from "../../../src/adapters/dlms/family.ts";
import type { AdapterRun } from "../../../src/domain/adapter.ts";
import { deviceToBe } from "../../../src/domain/device.ts";
import type { ActionOutcome } from "../../../src/domain/request.ts";
import type { NewDevice } from "../../../src/operations/installation/add-device.ts";
import { mbusOf } from "../../../src/operations/mbus.ts";
import { KeysWorld } from "../dlms/keys-world.ts";
import { quietRun } from "../quiet-run.ts";

const OWN = "test-org";
const KEYS = {
  E_METER_MASTER_KEY: new Uint8Array(16).fill(1),
  E_METER_AUTHENTICATION_KEY: new Uint8Array(16).fill(2),
  E_METER_ENCRYPTION_KEY_UNICAST: new Uint8Array(16).fill(3),
};
const GAS_KEYS = {
  G_METER_MASTER_KEY: new Uint8Array(16).fill(4),
  G_METER_ENCRYPTION_KEY: new Uint8Array(16).fill(5),
  G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY: new Uint8Array(16).fill(6),
  G_METER_OPTICAL_PORT_KEY: new Uint8Array(16).fill(7),
};
const MBUS = { identificationNumber: "12056731", manufacturerIdentification: "LGB", version: 66 };

describe("AddDevice", () => {
  let world: KeysWorld;
  before(async () => {
    world = await KeysWorld.open();
    await world.meter();
    await world.parts.load({ organisations: [{ identification: "other-org" }], devices: [] });
  });
  after(() => world.close());

  const sealed = (keys: Readonly<Record<string, Uint8Array>>) =>
    Object.fromEntries(Object.entries(keys).map(([type, key]) => [type, world.sealed(key)]));
  const meter = (more: Partial<NewDevice> = {}): NewDevice => ({
    ...{ type: "SMART_METER_E", protocol: { name: "SMR", version: "5.2" }, challengeLength: 16, overwrite: false },
    ...{ hls5Active: true, keys: sealed(KEYS) },
    ...more,
  });

  async function add(identification: string, request: NewDevice, run: Partial<AdapterRun> = {}) {
    const known = await world.parts.store.devices.find(identification);
    const target = known?.device ?? deviceToBe(identification);
    let end: ActionOutcome | undefined;
    await world.platform.run({
      ...quietRun(),
      correlationUid: `uid-${identification}`,
      caller: { organisation: OWN, userName: "user", applicationName: "erp" },
      ...{ target, device: target, actions: [{ operation: "AddDevice", request }] },
      ...{ findDevice: async () => undefined, isAuthorised: async () => false, finished: [null] },
      report: async (_position, outcome) => {
        end = outcome;
      },
      ...run,
    });
    return end?.ok ? "OK" : `${end?.error.code}: ${end?.error.message}`;
  }
  const known = (identification: string) => world.parts.store.devices.find(identification);
  const keysOf = async (identification: string, types: readonly string[]) =>
    Promise.all(types.map((type) => world.parts.vault.getActive(identification, type, { purpose: "test" })));
  const by = (organisation: string, correlationUid: string) => ({
    ...{ correlationUid, caller: { organisation, userName: "user", applicationName: "erp" } },
  });

  it("makes an electricity meter known, its keys in use and whoever asked its owner", async () => {
    const identification = "ADDED000000000001";
    const said = {
      communicationMethod: "GPRS",
      communicationProvider: "KPN",
      iccId: "8931086012345678901",
      model: "S1",
    };
    assert.equal(await add(identification, meter({ ...said, withListMax: 0, port: 4060, polyphase: true })), "OK");
    const { device, authorisations } = (await known(identification))!;
    assert.deepEqual(device, {
      ...{ identification, family: "dlms", protocol: { name: "SMR", version: "5.2" }, timezone: "Europe/Amsterdam" },
      security: { hls5Active: true, hls4Active: false, hls3Active: false, lls1Active: false },
      dlms: {
        ...{ port: 4060, logicalDevice: 1, useHdlc: false, useSn: false },
        ...{ challengeLength: 16, withListMax: 1, selectiveAccessSupported: false, polyphase: true },
      },
      ...{ communicationMethod: "GPRS", communicationProvider: "KPN", iccId: "8931086012345678901", model: "S1" },
      addedBy: `uid-${identification}`,
    });
    assert.deepEqual(authorisations, [{ organisation: OWN, functionGroup: "OWNER" }]);
    assert.deepEqual(await keysOf(identification, Object.keys(KEYS)), Object.values(KEYS));
    assert.equal(DLMS.reachedAt(device), "address not known");
  });

  for (const [type, deviceType, identification] of [
    ["SMART_METER_G", 3, "ADDEDG00000000001"],
    ["SMART_METER_W", 7, "ADDEDW00000000001"],
  ] as const) {
    it(`makes a ${type} known by its M-Bus identity, coupled to nothing`, async () => {
      const described = meter({ type, mbus: MBUS, keys: sealed(GAS_KEYS), hls5Active: undefined });
      assert.equal(await add(identification, described), "OK");
      const { device } = (await known(identification))!;
      assert.deepEqual([mbusOf(device), device.gateway], [{ ...MBUS, deviceType }, undefined]);
      assert.deepEqual(await keysOf(identification, Object.keys(GAS_KEYS)), Object.values(GAS_KEYS));
    });
  }

  it("refuses a device that is known, unless it is to be overwritten; a second run of the same request is no second one", async () => {
    const identification = "ADDED000000000002";
    assert.equal(await add(identification, meter()), "OK");
    assert.equal(await add(identification, meter()), "OK");
    const again = by(OWN, "uid-another");
    assert.match(
      await add(identification, meter(), again),
      /^EXISTING_DEVICE: Device ADDED000000000002 is known already/,
    );
    const keys = { ...KEYS, E_METER_MASTER_KEY: new Uint8Array(16).fill(9) };
    const overwriting = meter({ overwrite: true, keys: sealed(keys), protocol: { name: "SMR", version: "5.5" } });
    assert.equal(await add(identification, overwriting, again), "OK");
    assert.equal((await known(identification))!.device.protocol.version, "5.5");
    assert.deepEqual(await keysOf(identification, Object.keys(keys)), Object.values(keys));
  });

  it("keeps of a device that is overwritten what no request can say, and its rights", async () => {
    const identification = "ADDED000000000003";
    const rights = [
      { organisation: "other-org", functionGroup: "OWNER" },
      { organisation: OWN, functionGroup: "INSTALLATION" },
    ];
    const entry = {
      ...{ identification, protocol: { name: "SMR", version: "5.2" }, host: "192.0.2.7", logicalDevice: 17 },
      ...{ systemTitle: "4D47540000000001", authorisations: rights },
    };
    await world.parts.load({ devices: [entry] });
    assert.equal(await add(identification, meter({ overwrite: true })), "OK");
    const { device, authorisations } = (await known(identification))!;
    assert.equal(DLMS.reachedAt(device), "192.0.2.7:4059");
    const { dlms, systemTitle } = device as { dlms?: { logicalDevice: number }; systemTitle?: string };
    assert.deepEqual([dlms?.logicalDevice, systemTitle], [17, "4D47540000000001"]);
    assert.deepEqual(authorisations, rights);
  });

  it("lets nobody overwrite the device of another", async () => {
    const identification = "ADDED000000000004";
    assert.equal(await add(identification, meter()), "OK");
    const before = await known(identification);
    const end = await add(identification, meter({ overwrite: true }), by("other-org", "uid-thief"));
    assert.match(end, /^UNAUTHORIZED: Organisation other-org is not authorised for AddDevice/);
    assert.deepEqual(await known(identification), before);
  });

  for (const [what, request, error] of [
    [
      "a protocol that is none",
      () => meter({ protocol: { name: "SMR", version: "9.9" } }),
      /^UNKNOWN_PROTOCOL_NAME_OR_VERSION_OR_VARIANT: There is no protocol SMR 9\.9; there are: DSMR 2\.2/,
    ],
    [
      "a key that is missing",
      () => meter({ keys: sealed({ E_METER_MASTER_KEY: KEYS.E_METER_MASTER_KEY }) }),
      /^KEY_NOT_PRESENT: A SMART_METER_E is added with E_METER_AUTHENTICATION_KEY/,
    ],
    [
      "a key that was not sealed for us",
      () => meter({ keys: { ...sealed(KEYS), E_METER_MASTER_KEY: "00".repeat(256) } }),
      /^DECRYPTION_EXCEPTION/,
    ],
    [
      "a key of another length",
      () => meter({ keys: sealed({ ...KEYS, E_METER_MASTER_KEY: new Uint8Array(8).fill(1) }) }),
      /^INVALID_KEY_FORMAT: A key has 16 octets, not 8/,
    ],
    [
      "a time zone that is none",
      () => meter({ timezone: "Mars/Olympus" }),
      /^VALIDATION_ERROR: timezone: must be an IANA/,
    ],
    [
      "an M-Bus device without its identity",
      () => meter({ type: "SMART_METER_G", keys: sealed(GAS_KEYS) }),
      /^VALIDATION_ERROR: A SMART_METER_G is added with Mbus_identification_number/,
    ],
  ] as const) {
    it(`leaves nothing behind of a device with ${what}`, async () => {
      const identification = "ADDED000000000005";
      assert.match(await add(identification, request()), error);
      assert.equal(await known(identification), undefined);
      assert.deepEqual(await keysOf(identification, Object.keys(KEYS)), [null, null, null]);
    });
  }

  it("leaves no device behind whose keys cannot be stored", async () => {
    const identification = "ADDED000000000006";
    const sql = "create trigger no_secret before insert on secret begin select raise(abort, 'the disk is full'); end";
    world.parts.store.sql.run(sql);
    try {
      assert.match(await add(identification, meter()), /^SERVICE_BUSY: /);
    } finally {
      world.parts.store.sql.run("drop trigger no_secret");
    }
    assert.equal(await known(identification), undefined);
    assert.equal(await add(identification, meter()), "OK");
  });
});
