import assert from "node:assert/strict";
import type { KeyPorts } from "../../../src/adapters/dlms/key-ports.ts";
import type { Action } from "../../../src/domain/request.ts";
import { toHex } from "../../../src/lib/bytes.ts";
import { cutConnection } from "../../../src/simulators/dlms/behaviours.ts";
import {
  assertChangedOnce,
  CHANGES,
  CUTS,
  GENERATE,
  NEW_AUTHENTICATION,
  NEW_ENCRYPTION,
  runThrough,
} from "./keys-cuts.ts";
import { AUTHENTICATION, ENCRYPTION, KeysWorld, USER_KEY } from "./keys-world.ts";

describe("a key change whose connection is cut", () => {
  let world: KeysWorld;
  before(async () => {
    world = await KeysWorld.open();
  });
  afterEach(() => world.closeMeters());
  after(() => world.close());

  for (const [does, change] of Object.entries(CHANGES)) {
    it(`${does}, wherever the attempt before was cut`, async () => {
      for (const cut of CUTS) await change(world, [cut]);
    });
  }

  it("leaves the meter reachable for whatever comes before the next attempt", async () => {
    for (const cut of CUTS) {
      const meter = await world.meter();
      meter.behave(cutConnection(cut.number, cut.moment));
      await meter.run(GENERATE);
      meter.behave();
      const end = await meter.run({ operation: "GetAdministrativeStatus", request: {} }, { correlationUid: "other" });
      assert.ok(typeof end !== "string" && end.ok, JSON.stringify(cut));
      const { encryptionUnicast, authentication } = meter.simulated.keys;
      assert.deepEqual(await meter.active(AUTHENTICATION), authentication);
      assert.deepEqual(await meter.active(ENCRYPTION), encryptionUnicast);
      await runThrough([], meter, GENERATE);
      await meter.assertSettled();
      await assertChangedOnce(meter);
    }
  });

  it("reaches a meter that lets anybody in but deciphers only with the right keys", async () => {
    for (const cuts of CUTS.map((cut) => [cut])) {
      const meter = await world.meter({ protocol: "DSMR 2.2" });
      await runThrough(cuts, meter, world.replaceKeys(NEW_AUTHENTICATION, NEW_ENCRYPTION));
      const { encryptionUnicast, authentication } = meter.simulated.keys;
      assert.deepEqual([authentication, encryptionUnicast], [NEW_AUTHENTICATION, NEW_ENCRYPTION], JSON.stringify(cuts));
      assert.deepEqual(await meter.active(AUTHENTICATION), NEW_AUTHENTICATION);
      assert.deepEqual(await meter.active(ENCRYPTION), NEW_ENCRYPTION);
      await assertChangedOnce(meter);
      meter.assertCountersRise();
    }
  });
});

describe("a key change whose process dies", () => {
  let world: KeysWorld;
  /** Changes of the vault until the process dies, and whether the last one still happens. */
  let life = Number.POSITIVE_INFINITY;
  let lastHappens = false;

  before(async () => {
    world = await KeysWorld.open(mortal);
  });
  afterEach(() => world.closeMeters());
  after(() => world.close());

  function mortal({ vault, keyProcessing }: KeyPorts): Partial<KeyPorts> {
    const change = async (work: () => Promise<void>) => {
      if (life-- > 1) return work();
      if (lastHappens) await work();
      throw new RangeError("the process died");
    };
    return {
      vault: {
        getActive: (...asked) => vault.getActive(...asked),
        getTogether: (...asked) => vault.getTogether(...asked),
        getNew: (...asked) => vault.getNew(...asked),
        hasNew: (...asked) => vault.hasNew(...asked),
        hadBefore: (...asked) => vault.hadBefore(...asked),
        broughtBy: (...asked) => vault.broughtBy(...asked),
        storeNew: (...asked) => change(() => vault.storeNew(...asked)),
        generateAndStoreNew: (...asked) => change(() => vault.generateAndStoreNew(...asked)),
        activate: (...asked) => change(() => vault.activate(...asked)),
      },
      keyProcessing: {
        acquire: async (device, run) => {
          const release = await keyProcessing.acquire(device, run);
          return release && (async () => (life > 0 ? release() : undefined));
        },
      },
    };
  }

  const actions: Record<string, () => Action> = {
    ReplaceKeys: () => world.replaceKeys(NEW_AUTHENTICATION, NEW_ENCRYPTION),
    GenerateAndReplaceKeys: () => GENERATE,
  };
  for (const [operation, action] of Object.entries(actions)) {
    it(`${operation} goes on at once from where the dead one was`, async () => {
      const deaths = new Set<string>();
      for (const changes of [1, 2, 3, 4]) {
        for (const happens of [false, true]) {
          const meter = await world.meter();
          life = changes;
          lastHappens = happens;
          const died = typeof (await meter.run(action())) === "string" && life <= 0;
          life = Number.POSITIVE_INFINITY;
          if (died) {
            deaths.add(`${changes} ${happens}`);
          }
          assert.deepEqual(await meter.run(action(), { attempt: 2 }), { ok: true, result: {} });
          await meter.assertSettled();
          await assertChangedOnce(meter);
        }
      }
      assert.ok(deaths.size >= 6, [...deaths].join());
    });
  }

  it("SetKeyOnGMeter sends the key again that the gas meter may have", async () => {
    for (const changes of [1, 2]) {
      const meter = await world.meter();
      const gas = meter.gasIdentification;
      const request = { mbusDevice: gas, secretType: USER_KEY, closeOpticalPort: false } as const;
      const action: Action = { operation: "SetKeyOnGMeter", request };
      life = changes;
      lastHappens = false;
      await meter.run(action, {}, "gas");
      life = Number.POSITIVE_INFINITY;
      const before = meter.gasKeys.user;
      assert.deepEqual(await meter.run(action, { attempt: 2 }, "gas"), { ok: true, result: {} });
      assert.deepEqual(meter.gasKeys.user, await meter.active(USER_KEY, gas));
      if (before) assert.equal(toHex(before), toHex(meter.gasKeys.user!));
    }
  });
});
