import assert from "node:assert/strict";
import { encodeKeyTransfer } from "../../../src/adapters/dlms/key-exchange.ts";
import { HIGHEST_INVOCATION_COUNTER } from "../../../src/devices/invocation-counters.ts";
import { encodeData } from "../../../src/dlms/data-codec.ts";
import type { Action, ActionOutcome } from "../../../src/domain/request.ts";
import { fromHex, toHex } from "../../../src/lib/bytes.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import type { Behaviour } from "../../../src/simulators/dlms/behaviour.ts";
import { cutConnection, refusedMethod } from "../../../src/simulators/dlms/behaviours.ts";
import { AUTHENTICATION, ENCRYPTION, type KeyedMeter, KeysWorld, READ_STATUS } from "./keys-world.ts";
import { TIMEOUTS } from "./session-fixture.ts";

const NEW_AUTHENTICATION = fromHex("A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1");
const NEW_ENCRYPTION = fromHex("E1E1E1E1E1E1E1E1E1E1E1E1E1E1E1E1");
const OTHER = fromHex("0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F0F");
const GENERATE: Action = { operation: "GenerateAndReplaceKeys", request: {} };
const DONE = { ok: true, result: {} };
const KEY_TRANSFER = { classId: 64, logicalName: parseObis("0.0.43.0.0.255"), method: 2 } as const;
const REFUSED_TEXT = "AccessResultCode for replace keys was not SUCCESS: TEMPORARY_FAILURE";

const refusesKeys = (times?: number) => refusedMethod(KEY_TRANSFER, "temporary-failure", times);

describe("the parameter of global_key_transfer", () => {
  it("wraps the key under the master key (RFC 3394, 4.1), 0 for encryption and 2 for authentication", () => {
    const master = fromHex("000102030405060708090A0B0C0D0E0F");
    const key = fromHex("00112233445566778899AABBCCDDEEFF");
    const wrapped = "0918 1FA68B0A8112B447AEF34BD8FB5A7B829D3E862371D2CFE5".replace(" ", "");
    assert.equal(toHex(encodeData(encodeKeyTransfer(ENCRYPTION, master, key))), `010102021600${wrapped}`);
    assert.equal(toHex(encodeData(encodeKeyTransfer(AUTHENTICATION, master, key))), `010102021602${wrapped}`);
  });
});

describe("replacing the keys of a meter", () => {
  let world: KeysWorld;
  let meter: KeyedMeter;
  before(async () => {
    world = await KeysWorld.open();
  });
  beforeEach(async () => {
    meter = await world.meter();
  });
  afterEach(() => world.closeMeters());
  after(() => world.close());

  const replace = () => world.replaceKeys(NEW_AUTHENTICATION, NEW_ENCRYPTION);
  const counter = async () => (await world.counters.current(meter.identification))!;

  it("sends the authentication key first, then the encryption key, and goes on under the new ones", async () => {
    const { master } = meter.simulated.keys;
    assert.deepEqual(await meter.run(replace()), DONE);
    await meter.assertSettled();
    assert.deepEqual(meter.actions, [
      { method: "64/0.0.43.0.0.255/m2", parameters: encodeKeyTransfer(AUTHENTICATION, master, NEW_AUTHENTICATION) },
      { method: "64/0.0.43.0.0.255/m2", parameters: encodeKeyTransfer(ENCRYPTION, master, NEW_ENCRYPTION) },
    ]);
  });

  it("counts on from 250 when the counter is lower", async () => {
    meter = await world.meter({ protocol: "DSMR 4.2.2" });
    assert.deepEqual(await meter.run(replace()), DONE);
    assert.equal(await counter(), 250);
    await meter.assertSettled();
  });

  for (const [protocol, begin] of [
    ["SMR 5.0.0", 254],
    ["DSMR 4.2.2", 250],
  ] as const) {
    it(`begins anew at ${begin} under an encryption key that the ${protocol} meter never had`, async () => {
      meter = await world.meter({ protocol });
      await world.counters.raise(meter.identification, 17_500);
      assert.deepEqual(await meter.run(replace()), DONE);
      assert.equal(await counter(), begin);
      await meter.assertSettled();
    });
  }

  it("counts on under an encryption key that the meter had before, and under the same one", async () => {
    const { authentication, encryptionUnicast } = meter.simulated.keys;
    await world.counters.raise(meter.identification, 17_500);
    assert.deepEqual(await meter.run(replace()), DONE);
    await world.counters.raise(meter.identification, 19_000);
    assert.deepEqual(await meter.run(world.replaceKeys(authentication, encryptionUnicast)), DONE);
    assert.ok((await counter()) > 19_000);
    assert.deepEqual(await meter.run(world.replaceKeys(NEW_AUTHENTICATION, encryptionUnicast)), DONE);
    assert.ok((await counter()) > 19_000);
    await meter.assertSettled();
  });

  it("counts on when more is said to the meter under the new key in the same association", async () => {
    await world.counters.raise(meter.identification, 17_500);
    const outcomes: (ActionOutcome | null)[] = [null, null];
    const report = async (position: number, outcome: ActionOutcome) => {
      outcomes[position] = outcome;
    };
    await meter.run(replace(), { actions: [replace(), READ_STATUS], finished: [null, null], report });
    assert.deepEqual(outcomes, [DONE, { ok: true, result: { status: "UNDEFINED" } }]);
    assert.ok((await counter()) > 17_500);
    await meter.assertSettled();
  });

  it("does not bring a key a second time when another has followed before its retry", async () => {
    meter.behave(cutConnection(4, "after-effect"));
    assert.match(String(await meter.run(replace(), { correlationUid: "first" })), /^SOCKET_CLOSED_BY_REMOTE: /);
    meter.behave();
    const [authentication, encryption] = [new Uint8Array(16).fill(0x31), new Uint8Array(16).fill(0x32)];
    const second = world.replaceKeys(authentication, encryption);
    assert.deepEqual(await meter.run(second, { correlationUid: "second" }), DONE);
    const transfers = meter.actions.length;
    assert.deepEqual(await meter.run(replace(), { correlationUid: "first", attempt: 2 }), DONE);
    assert.equal(meter.actions.length, transfers);
    assert.deepEqual(await meter.active(ENCRYPTION), encryption);
    await meter.assertSettled();
  });

  it("needs no more than nine values of a counter that is nearly used up", async () => {
    await world.counters.raise(meter.identification, HIGHEST_INVOCATION_COUNTER - 8);
    assert.deepEqual(await meter.run(replace()), DONE);
    assert.equal(await counter(), 254);
    await meter.assertSettled();
  });

  it("goes on under the new key in the same association when nothing is left under the old one", async () => {
    await world.counters.raise(meter.identification, HIGHEST_INVOCATION_COUNTER - 8);
    const outcomes: (ActionOutcome | null)[] = [null, null];
    const report = async (position: number, outcome: ActionOutcome) => {
      outcomes[position] = outcome;
    };
    await meter.run(replace(), { actions: [replace(), READ_STATUS], finished: [null, null], report });
    assert.deepEqual(outcomes, [DONE, { ok: true, result: { status: "UNDEFINED" } }]);
    assert.equal(await counter(), 254 + 64);
    await meter.assertSettled();
  });

  it("finds the key that the meter has also when the meter counts from 0 again and ours is far ahead", async () => {
    await world.counters.raise(meter.identification, 50_000);
    meter.behave(cutConnection(4, "after-effect"));
    assert.match(String(await meter.run(replace())), /^SOCKET_CLOSED_BY_REMOTE: /);
    meter.behave();
    meter.simulated.meter.expectedInvocationCounter = 0;
    assert.deepEqual(await meter.run(replace(), { attempt: 2 }), DONE);
    await meter.assertSettled();
  });

  it("changes nothing when the meter has the keys already", async () => {
    const { authentication, encryptionUnicast } = meter.simulated.keys;
    assert.deepEqual(await meter.run(world.replaceKeys(authentication, encryptionUnicast)), DONE);
    assert.deepEqual(meter.actions, []);
    assert.deepEqual(await meter.states(AUTHENTICATION), ["ACTIVE"]);
    await meter.assertSettled();
  });

  it("reports the meter's refusal and keeps the new key for the retry", async () => {
    meter.behave(refusesKeys());
    const error = { code: "DEVICE_REFUSED", message: REFUSED_TEXT, retry: true };
    assert.deepEqual(await meter.run(replace()), { ok: false, error });
    assert.deepEqual(await meter.waiting(AUTHENTICATION), NEW_AUTHENTICATION);
    assert.equal(await meter.waiting(ENCRYPTION), null);
    meter.behave();
    assert.deepEqual(await meter.run(replace(), { attempt: 2 }), DONE);
    assert.deepEqual(await meter.states(AUTHENTICATION), ["ACTIVE", "EXPIRED"]);
    await meter.assertSettled();
  });

  it("forgets a key that was refused before when the meter is to keep the one it has", async () => {
    meter.behave(refusesKeys());
    await meter.run(replace());
    meter.behave();
    const { authentication } = meter.simulated.keys;
    assert.deepEqual(await meter.run(world.replaceKeys(authentication, NEW_ENCRYPTION)), DONE);
    await meter.assertSettled();
  });

  it("does not take a key that a caller knows for a generated one", async () => {
    meter.behave(refusesKeys());
    await meter.run(replace(), { correlationUid: "of the caller" });
    meter.behave(cutConnection(2, "before-effect"));
    await meter.run(GENERATE);
    meter.behave();
    assert.deepEqual(await meter.run(GENERATE, { attempt: 2 }), DONE);
    assert.notDeepEqual(meter.simulated.keys.authentication, NEW_AUTHENTICATION);
    await meter.assertSettled();
  });

  it("generates both keys before the first is sent", async () => {
    meter.behave(refusesKeys());
    await meter.run(GENERATE);
    const generated = [await meter.waiting(AUTHENTICATION), await meter.waiting(ENCRYPTION)];
    assert.ok(generated[0] && generated[1]);
    meter.behave();
    assert.deepEqual(await meter.run(GENERATE, { attempt: 2 }), DONE);
    assert.deepEqual([meter.simulated.keys.authentication, meter.simulated.keys.encryptionUnicast], generated);
  });

  it("generates anew for every request", async () => {
    await meter.run(GENERATE);
    const first = meter.simulated.keys;
    assert.deepEqual(await meter.run(GENERATE, { correlationUid: "another" }), DONE);
    assert.notDeepEqual(meter.simulated.keys.encryptionUnicast, first.encryptionUnicast);
    await meter.assertSettled();
  });

  it("refuses a key that was sealed for somebody else before anything is stored or connected", async () => {
    const request = { authenticationKey: world.sealed(NEW_AUTHENTICATION), encryptionKey: "00".repeat(256) };
    const message = "A key could not be decrypted with the platform's private key";
    assert.deepEqual(await meter.run({ operation: "ReplaceKeys", request }), {
      ok: false,
      error: { code: "DECRYPTION_EXCEPTION", message },
    });
    assert.deepEqual(await meter.states(AUTHENTICATION), ["ACTIVE"]);
    assert.deepEqual(meter.counters, []);
  });

  it("refuses a key of another length before anything is stored or connected", async () => {
    const action = world.replaceKeys(NEW_AUTHENTICATION, NEW_ENCRYPTION.subarray(1));
    const error = { code: "INVALID_KEY_FORMAT", message: "A key has 16 octets, not 15" };
    assert.deepEqual(await meter.run(action), { ok: false, error });
    assert.deepEqual(await meter.states(AUTHENTICATION), ["ACTIVE"]);
    assert.deepEqual(meter.counters, []);
  });

  it("needs the meter's master key before anything is stored or connected", async () => {
    world.parts.store.sql.run(
      "delete from secret where device = ? and type = 'E_METER_MASTER_KEY'",
      meter.identification,
    );
    const error = { code: "KEY_NOT_PRESENT", message: `${meter.identification} has no E_METER_MASTER_KEY` };
    assert.deepEqual(await meter.run(GENERATE), { ok: false, error });
    assert.deepEqual(await meter.states(AUTHENTICATION), ["ACTIVE"]);
    assert.deepEqual(meter.counters, []);
  });

  it("waits five minutes when another key change is under way, without connecting", async () => {
    const release = await world.changeElsewhere(meter.identification);
    for (const action of [replace(), GENERATE]) assert.equal(await meter.run(action), "again in 300000 ms");
    assert.deepEqual(meter.counters, []);
    await release();
    assert.deepEqual(await meter.run(replace()), DONE);
    assert.ok(await world.changeElsewhere(meter.identification), "the lock is free again");
  });

  it("changes the keys of a meter that it talks to unsecured", async () => {
    meter = await world.meter({ security: "none", device: { hls5Active: false } });
    meter.behave(cutConnection(2, "after-effect"));
    await meter.run(replace());
    meter.behave();
    assert.deepEqual(await meter.run(replace(), { attempt: 2 }), DONE);
    assert.deepEqual(meter.simulated.keys.authentication, NEW_AUTHENTICATION);
    assert.deepEqual(meter.simulated.keys.encryptionUnicast, NEW_ENCRYPTION);
    assert.deepEqual(await meter.states(ENCRYPTION), ["ACTIVE", "EXPIRED"]);
  });
});

describe("associating after a key change that was cut", () => {
  let world: KeysWorld;
  let meter: KeyedMeter;
  before(async () => {
    world = await KeysWorld.open();
  });
  beforeEach(async () => {
    meter = await world.meter();
  });
  afterEach(() => world.closeMeters());
  after(() => world.close());

  const store = (authentication: Uint8Array | null, encryption: Uint8Array | null) =>
    world.parts.vault.storeNew(meter.identification, [
      ...(authentication ? [{ type: AUTHENTICATION, value: authentication } as const] : []),
      ...(encryption ? [{ type: ENCRYPTION, value: encryption } as const] : []),
    ]);
  const give = (keys: { authentication?: Uint8Array; encryptionUnicast?: Uint8Array }) => {
    meter.simulated.meter.stageKeys(keys);
    meter.simulated.meter.commitKeys();
  };
  const read = async () => {
    const end = await meter.run(READ_STATUS);
    return typeof end === "string" ? end : end.ok;
  };
  /** Instead of the exception-response to an association request that cannot be deciphered. */
  const hangsUp: Behaviour = { name: "hangs up", answer: (answer) => (answer[0] === 0xd8 ? "cut" : undefined) };

  /** The time in which an answer is due passes at once. */
  const isSilent: Behaviour = {
    name: "is silent",
    answer: (answer) => {
      if (answer[0] !== 0xd8) return undefined;
      setImmediate(() => world.clock.advance(TIMEOUTS.responseTimeoutMs));
      return "ignore";
    },
  };
  const manners: Record<string, Behaviour[]> = {
    "refuses others": [],
    "hangs up on others": [hangsUp],
    "is silent to others": [isSilent],
  };

  const left: Record<string, Parameters<typeof give>[0]> = {
    "the new authentication key": { authentication: NEW_AUTHENTICATION },
    "the new encryption key": { encryptionUnicast: NEW_ENCRYPTION },
    "both new keys": { authentication: NEW_AUTHENTICATION, encryptionUnicast: NEW_ENCRYPTION },
    "neither new key": {},
  };
  for (const [which, keys] of Object.entries(left)) {
    for (const [manner, behaviours] of Object.entries(manners)) {
      it(`finds out that a meter that ${manner} has ${which}`, async () => {
        await store(NEW_AUTHENTICATION, NEW_ENCRYPTION);
        give(keys);
        meter.behave(...behaviours);
        assert.equal(await read(), true);
        assert.deepEqual(await meter.active(AUTHENTICATION), meter.simulated.keys.authentication);
        assert.deepEqual(await meter.active(ENCRYPTION), meter.simulated.keys.encryptionUnicast);
        assert.equal((await meter.waiting(AUTHENTICATION)) === null, "authentication" in keys);
        assert.equal((await meter.waiting(ENCRYPTION)) === null, "encryptionUnicast" in keys);
        meter.assertCountersRise();
      });
    }
  }

  it("leaves the vault as it is when the meter has yet other keys", async () => {
    await store(NEW_AUTHENTICATION, null);
    give({ authentication: OTHER });
    assert.match(String(await read()), /^AUTHENTICATION_ERROR|^CONNECTION_ESTABLISH_ERROR/);
    assert.deepEqual(await meter.states(AUTHENTICATION), ["ACTIVE", "NEW"]);
  });

  it("tries no new keys when the meter cannot be reached at all", async () => {
    await store(NEW_AUTHENTICATION, null);
    await meter.close();
    assert.match(String(await read()), /^CONNECTION_REFUSED/);
    const reads = world.parts.store.sql.rows("select * from secret_read where device = ?", meter.identification);
    assert.equal(reads.filter(({ purpose }) => purpose === "association").length, 2);
  });

  it("waits for a key change that is under way elsewhere", async () => {
    await store(NEW_AUTHENTICATION, null);
    give({ authentication: NEW_AUTHENTICATION });
    const release = await world.changeElsewhere(meter.identification);
    assert.equal(await read(), "again in 300000 ms");
    await release();
    assert.equal(await read(), true);
  });

  it("gives no key away when it fails", async () => {
    await store(NEW_AUTHENTICATION, NEW_ENCRYPTION);
    give({ authentication: OTHER });
    const text = String(await read()).toUpperCase();
    for (const key of [NEW_AUTHENTICATION, NEW_ENCRYPTION, OTHER]) assert.ok(!text.includes(toHex(key).toUpperCase()));
  });
});
