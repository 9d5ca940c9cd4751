import assert from "node:assert/strict";
import type { Action } from "../../../src/domain/request.ts";
import { fromHex } from "../../../src/lib/bytes.ts";
import { type CutMoment, cutConnection } from "../../../src/simulators/dlms/behaviours.ts";
import { AUTHENTICATION, ENCRYPTION, type KeyedMeter, type KeysWorld, USER_KEY } from "./keys-world.ts";

export const NEW_AUTHENTICATION = fromHex("A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1A1");
export const NEW_ENCRYPTION = fromHex("E1E1E1E1E1E1E1E1E1E1E1E1E1E1E1E1");
export const GENERATE: Action = { operation: "GenerateAndReplaceKeys", request: {} };

/** Where the connections of an attempt are cut. */
export interface Cut {
  /** APDU of the connection: 1 AARQ, 2 HLS pass 3, 3 and 4 the actions, 5 RLRQ. */
  readonly number: number;
  readonly moment: CutMoment;
}

/** Every moment of one connection. */
export const CUTS: readonly Cut[] = [1, 2, 3, 4, 5].flatMap((number) =>
  (["before-effect", "after-effect", "after-answer"] as const).map((moment) => ({ number, moment })),
);
/** Two attempts of which the first one leaves in doubt which keys the meter has. */
export const CUTS_IN_A_ROW: readonly (readonly Cut[])[] = [3, 4].flatMap((number) =>
  CUTS.map((second): Cut[] => [{ number, moment: "after-effect" }, second]),
);

/**
 * Runs an action with the connections of each attempt cut somewhere, and then without. It is run once more after it
 * has ended, too: the process may have died before that was stored.
 */
export async function runThrough(
  cuts: readonly Cut[],
  meter: KeyedMeter,
  action: Action,
  target: "meter" | "gas" = "meter",
) {
  let attempt = 1;
  for (const { number, moment } of cuts) {
    meter.behave(cutConnection(number, moment));
    await meter.run(action, { attempt: attempt++ }, target);
  }
  meter.behave();
  assert.deepEqual(await meter.run(action, { attempt }, target), { ok: true, result: {} }, JSON.stringify(cuts));
}

/** Keys were made or stored once, whatever the number of attempts. */
export async function assertChangedOnce(meter: KeyedMeter): Promise<void> {
  for (const type of [AUTHENTICATION, ENCRYPTION] as const) {
    assert.deepEqual(await meter.states(type), ["ACTIVE", "EXPIRED"], type);
  }
}

/** Key changes that have to come to one end, however often they are cut before. */
export const CHANGES: Readonly<Record<string, (world: KeysWorld, cuts: readonly Cut[]) => Promise<void>>> = {
  "brings the caller's keys into the meter once": async (world, cuts) => {
    const meter = await world.meter();
    await runThrough(cuts, meter, world.replaceKeys(NEW_AUTHENTICATION, NEW_ENCRYPTION));
    await meter.assertSettled();
    await assertChangedOnce(meter);
    assert.deepEqual(await meter.active(AUTHENTICATION), NEW_AUTHENTICATION);
    assert.deepEqual(await meter.active(ENCRYPTION), NEW_ENCRYPTION);
  },
  "generates keys once": async (world, cuts) => {
    const meter = await world.meter();
    const delivered = meter.simulated.keys;
    await runThrough(cuts, meter, GENERATE);
    await meter.assertSettled();
    await assertChangedOnce(meter);
    assert.notDeepEqual(meter.simulated.keys.authentication, delivered.authentication);
    assert.notDeepEqual(meter.simulated.keys.encryptionUnicast, delivered.encryptionUnicast);
  },
  "gives gas meter and vault the same key behind a meter of SMR 5.0.0": (world, cuts) =>
    changeGasKey(world, cuts, "SMR 5.0.0"),
  "gives gas meter and vault the same key behind a meter of DSMR 4.2.2": (world, cuts) =>
    changeGasKey(world, cuts, "DSMR 4.2.2"),
};

async function changeGasKey(world: KeysWorld, cuts: readonly Cut[], protocol: string): Promise<void> {
  const meter = await world.meter({ protocol });
  const gas = meter.gasIdentification;
  const request = { mbusDevice: gas, secretType: USER_KEY, closeOpticalPort: false } as const;
  await runThrough(cuts, meter, { operation: "SetKeyOnGMeter", request }, "gas");
  assert.deepEqual(meter.gasKeys.user, await meter.active(USER_KEY, gas), JSON.stringify(cuts));
  assert.deepEqual(await meter.states(USER_KEY, gas), ["ACTIVE"]);
  assert.equal(meter.actions.at(-1)?.method, "72/0.1.24.1.0.255/m7");
  meter.assertCountersRise();
}
