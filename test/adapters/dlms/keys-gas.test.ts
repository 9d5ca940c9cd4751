import assert from "node:assert/strict";
import { encodeKeyRecord } from "../../../src/adapters/dlms/gas-meter-key.ts";
import { asElements, asOctets, cosem } from "../../../src/dlms/data.ts";
import { encodeData } from "../../../src/dlms/data-codec.ts";
import type { SecretType } from "../../../src/domain/device.ts";
import type { Action } from "../../../src/domain/request.ts";
import { toHex } from "../../../src/lib/bytes.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import type { ContractSecretType } from "../../../src/operations/secret-types.ts";
import { refusedMethod } from "../../../src/simulators/dlms/behaviours.ts";
import type { GasMeterKeys } from "../../../src/simulators/dlms/mbus-keys.ts";
import { type KeyedMeter, KeysWorld, USER_KEY } from "./keys-world.ts";

const FIRMWARE_KEY = "G_METER_FIRMWARE_UPDATE_AUTHENTICATION_KEY";
const OPTICAL_KEY = "G_METER_OPTICAL_PORT_KEY";
const DONE = { ok: true, result: {} };
const MBUS_CLIENT = { classId: 72, logicalName: parseObis("0.1.24.1.0.255") } as const;
const method = (id: number) => `72/0.1.24.1.0.255/m${id}`;

describe("the parameter of data_send that brings a key", () => {
  it("is one record of DIF, VIF and the encrypted key", () => {
    const encrypted = new Uint8Array(30).fill(0xcc);
    const expected = `01010203 09010D 0902FD19 091E${"CC".repeat(30)}`.replaceAll(" ", "");
    assert.equal(toHex(encodeData(encodeKeyRecord(encrypted))), expected);
  });
});

describe("setting a key on a gas meter", () => {
  let world: KeysWorld;
  let meter: KeyedMeter;
  let gas: string;
  before(async () => {
    world = await KeysWorld.open();
  });
  beforeEach(async () => {
    meter = await world.meter();
    gas = meter.gasIdentification;
  });
  afterEach(() => world.closeMeters());
  after(() => world.close());

  const setKey = (secretType: ContractSecretType, closeOpticalPort = false, mbusDevice = gas): Action => ({
    operation: "SetKeyOnGMeter",
    request: { mbusDevice, secretType, closeOpticalPort },
  });
  async function failure(action: Action, target: "meter" | "gas" = "gas"): Promise<string> {
    const end = await meter.run(action, {}, target);
    if (typeof end === "string") return end;
    return end.ok ? "ok" : `${end.error.code}: ${end.error.message}`;
  }

  const fields: readonly (readonly [SecretType & ContractSecretType, keyof GasMeterKeys])[] = [
    [USER_KEY, "user"],
    [FIRMWARE_KEY, "firmwareUpdateAuthentication"],
    [OPTICAL_KEY, "opticalPort"],
  ];
  for (const [type, field] of fields) {
    it(`brings a new ${type} into it`, async () => {
      assert.deepEqual(await meter.run(setKey(type), {}, "gas"), DONE);
      assert.deepEqual(await meter.active(type, gas), meter.gasKeys[field]);
      assert.deepEqual(await meter.states(type, gas), ["ACTIVE"]);
    });
  }

  it("transfers the user key wrapped and then tells it to the electricity meter", async () => {
    await meter.run(setKey(USER_KEY), {}, "gas");
    assert.deepEqual(
      meter.actions.map((action) => action.method),
      [method(8), method(7)],
    );
    const [transfer, set] = meter.actions;
    assert.equal(asOctets(transfer!.parameters).length, 30);
    assert.deepEqual(set!.parameters, cosem.octetString(meter.gasKeys.user!));
  });

  it("sends other keys as M-Bus data only", async () => {
    await meter.run(setKey(FIRMWARE_KEY), {}, "gas");
    assert.deepEqual(
      meter.actions.map((action) => action.method),
      [method(6)],
    );
  });

  it("gives each key a key change counter of its own, also within one second", async () => {
    for (const [type] of fields) await meter.run(setKey(type), { correlationUid: type }, "gas");
    const [user, , firmware, optical] = meter.actions;
    const counters = [
      asOctets(user!.parameters),
      ...[firmware, optical].map((sent) => asOctets(asElements(asElements(sent!.parameters)[0]!)[2]!)),
    ].map((encrypted) => Buffer.from(encrypted).readUInt32BE(0));
    assert.deepEqual(counters, [counters[0]!, counters[0]! + 1, counters[0]! + 2]);
  });

  it("closes the optical port with a key of zeros, which the vault does not keep", async () => {
    assert.deepEqual(await meter.run(setKey(OPTICAL_KEY, true), {}, "gas"), DONE);
    assert.deepEqual(meter.gasKeys.opticalPort, new Uint8Array(16));
    assert.deepEqual(await meter.states(OPTICAL_KEY, gas), []);
  });

  it("closes nothing when another key is set", async () => {
    assert.deepEqual(await meter.run(setKey(USER_KEY, true), {}, "gas"), DONE);
    assert.notDeepEqual(meter.gasKeys.user, new Uint8Array(16));
  });

  it("gives it a new key with every request", async () => {
    await meter.run(setKey(USER_KEY), {}, "gas");
    const first = meter.gasKeys.user;
    assert.deepEqual(await meter.run(setKey(USER_KEY), { correlationUid: "another" }, "gas"), DONE);
    assert.notDeepEqual(meter.gasKeys.user, first);
    assert.deepEqual(await meter.states(USER_KEY, gas), ["ACTIVE", "EXPIRED"]);
  });

  it("reports which method the meter refused, and keeps the key for the retry", async () => {
    for (const [id, name] of [
      [8, "TRANSFER_KEY"],
      [7, "SET_ENCRYPTION_KEY"],
    ] as const) {
      meter.behave(refusedMethod({ ...MBUS_CLIENT, method: id }, "hardware-fault"));
      const text = `DEVICE_REFUSED: Error while executing ${name}. Reason = HARDWARE_FAULT`;
      assert.equal(await failure(setKey(USER_KEY)), text);
    }
    const kept = await meter.waiting(USER_KEY, gas);
    meter.behave();
    assert.deepEqual(await meter.run(setKey(USER_KEY), { attempt: 2 }, "gas"), DONE);
    assert.deepEqual(meter.gasKeys.user, kept);
    meter.behave(refusedMethod({ ...MBUS_CLIENT, method: 6 }, "hardware-fault"));
    const text = "DEVICE_REFUSED: Error while executing DATA_SEND. Reason = HARDWARE_FAULT";
    assert.equal(await failure(setKey(OPTICAL_KEY)), text);
  });

  it("can be an action of a bundle for the electricity meter in front of it", async () => {
    assert.deepEqual(await meter.run(setKey(USER_KEY), {}, "meter"), DONE);
    assert.deepEqual(await meter.active(USER_KEY, gas), meter.gasKeys.user);
  });

  it("is refused for another device than the request is for", async () => {
    const other = (await world.meter()).gasIdentification;
    const text = `VALIDATION_ERROR: The request is for ${gas}, but its content names ${other}`;
    assert.equal(await failure(setKey(USER_KEY, false, other)), text);
  });

  it("is refused for a device behind another meter, for one behind none, and for an unknown one", async () => {
    const other = await world.meter();
    assert.equal(
      await failure(setKey(USER_KEY, false, other.gasIdentification), "meter"),
      `GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE: ${other.gasIdentification} is not behind ${meter.identification}`,
    );
    assert.equal(
      await failure(setKey(USER_KEY, false, other.identification), "meter"),
      "GATEWAY_DEVICE_NOT_SET_FOR_MBUS_DEVICE: Meter for gas reads should have an energy meter as gateway device.",
    );
    const unknown = "GASTESTM999999999999";
    assert.equal(
      await failure(setKey(USER_KEY, false, unknown), "meter"),
      `UNKNOWN_DEVICE: There is no device ${unknown}`,
    );
    assert.deepEqual(meter.actions, []);
  });

  it("is refused for a key that gas meters do not have", async () => {
    const text = "VALIDATION_ERROR: Invalid key type E_METER_MASTER_KEY in request to set key on g-meter";
    assert.equal(await failure(setKey("E_METER_MASTER_KEY")), text);
  });

  it("needs the gas meter's default key before anything is stored or connected", async () => {
    world.parts.store.sql.run("delete from secret where device = ?", gas);
    assert.equal(await failure(setKey(USER_KEY)), `KEY_NOT_PRESENT: ${gas} has no G_METER_MASTER_KEY`);
    assert.deepEqual(await meter.states(USER_KEY, gas), []);
    assert.deepEqual(meter.counters, []);
  });

  it("is refused where the key would go over the network in clear", async () => {
    meter = await world.meter({ device: { hls5Active: false } });
    gas = meter.gasIdentification;
    const text = `${meter.identification} is not connected to securely; a key would be sent in clear`;
    assert.equal(await failure(setKey(USER_KEY)), `UNSUPPORTED_COMMUNICATION_SETTING: ${text}`);
    assert.deepEqual(await meter.states(USER_KEY, gas), []);
  });

  it("gives the key away neither in an error nor in the audit", async () => {
    meter.behave(refusedMethod({ ...MBUS_CLIENT, method: 7 }, "hardware-fault"));
    const text = await failure(setKey(USER_KEY));
    const reads = world.parts.store.sql.rows("select * from secret_read");
    const key = await meter.waiting(USER_KEY, gas);
    assert.ok(!`${text}${JSON.stringify(reads)}`.toUpperCase().includes(toHex(key!).toUpperCase()));
  });
});

describe("setting a key on a gas meter behind a meter of an older version", () => {
  let world: KeysWorld;
  before(async () => {
    world = await KeysWorld.open();
  });
  afterEach(() => world.closeMeters());
  after(() => world.close());

  const outcome = async (protocol: string, secretType: ContractSecretType) => {
    const meter = await world.meter({ protocol });
    const request = { mbusDevice: meter.gasIdentification, secretType, closeOpticalPort: false };
    const end = await meter.run({ operation: "SetKeyOnGMeter", request }, {}, "gas");
    assert.ok(typeof end !== "string");
    return { meter, text: end.ok ? "ok" : `${end.error.code}: ${end.error.message}` };
  };
  const unsupported = (protocol: string, type: string) =>
    `OPERATION_NOT_SUPPORTED_BY_PLATFORM_FOR_PROTOCOL: Unsupported combination of protocol ${protocol} and key type ${type} in request to set key on g-meter`;

  it("wraps the user key in 16 octets for DSMR 4.2.2", async () => {
    const { meter, text } = await outcome("DSMR 4.2.2", USER_KEY);
    assert.equal(text, "ok");
    assert.equal(asOctets(meter.actions[0]!.parameters).length, 16);
    assert.deepEqual(await meter.active(USER_KEY, meter.gasIdentification), meter.gasKeys.user);
  });

  it("is not possible for other keys with DSMR 4.2.2", async () => {
    for (const type of [FIRMWARE_KEY, OPTICAL_KEY] as const) {
      const { meter, text } = await outcome("DSMR 4.2.2", type);
      assert.equal(text, unsupported("DSMR 4.2.2", type));
      assert.deepEqual(await meter.states(type, meter.gasIdentification), []);
    }
  });

  for (const protocol of ["DSMR 2.2", "SMR 4.3"]) {
    it(`is not possible at all with ${protocol}`, async () => {
      assert.equal((await outcome(protocol, USER_KEY)).text, unsupported(protocol, "of any kind"));
    });
  }
});

describe("setting the user key by channel", () => {
  let world: KeysWorld;
  before(async () => {
    world = await KeysWorld.open();
  });
  afterEach(() => world.closeMeters());
  after(() => world.close());

  for (const protocol of ["DSMR 4.2.2", "SMR 5.0.0"]) {
    it(`finds the device that a meter of ${protocol} has on the channel`, async () => {
      const meter = await world.meter({ protocol });
      assert.deepEqual(await meter.run({ operation: "SetMbusUserKeyByChannel", request: { channel: 1 } }), DONE);
      assert.deepEqual(await meter.active(USER_KEY, meter.gasIdentification), meter.gasKeys.user);
    });
  }

  const byChannel: Action = { operation: "SetMbusUserKeyByChannel", request: { channel: 1 } };
  const byName = (mbusDevice: string): Action => ({
    operation: "SetKeyOnGMeter",
    request: { mbusDevice, secretType: USER_KEY, closeOpticalPort: false },
  });

  it("is refused when the meter has a device of another organisation on the channel, whose keys stay", async () => {
    const meter = await world.meter();
    await meter.changeGasMeter({ owner: "stranger" });
    const message = "Organisation test-org is not authorised for OPERATION on the M-Bus device";
    for (const action of [byChannel, byName(meter.gasIdentification)]) {
      const error = { code: "UNAUTHORIZED", message: message.replace("OPERATION", action.operation) };
      assert.deepEqual(await meter.run(action), { ok: false, error });
    }
    assert.deepEqual(await meter.states(USER_KEY, meter.gasIdentification), []);
    assert.deepEqual(meter.actions, []);
  });

  it("is refused for a device that is known to be behind another meter, whatever this one says", async () => {
    const meter = await world.meter();
    const other = await world.meter();
    await meter.changeGasMeter({ gateway: { device: other.identification, channel: 1 } });
    const message = `${meter.gasIdentification} is not behind ${meter.identification}`;
    const refused = { ok: false, error: { code: "GATEWAY_DEVICE_INVALID_FOR_MBUS_DEVICE", message } };
    for (const action of [byChannel, byName(meter.gasIdentification)]) {
      assert.deepEqual(await meter.run(action), refused);
    }
    assert.deepEqual(await meter.states(USER_KEY, meter.gasIdentification), []);
    assert.deepEqual(meter.actions, []);
  });

  it("is refused for a channel without a device", async () => {
    const meter = await world.meter();
    const end = await meter.run({ operation: "SetMbusUserKeyByChannel", request: { channel: 2 } });
    assert.ok(typeof end !== "string" && !end.ok);
    assert.equal(end.error.code, "UNKNOWN_DEVICE");
    assert.deepEqual(meter.actions, []);
  });
});
