import assert from "node:assert/strict";
import { ownEntry } from "../../src/message-log/key-list.ts";
import { eraseOld, HOLD_ENDED } from "../../src/message-log/retention.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { parseClassDays } from "../../src/message-log/settings.ts";
import { verifyMessageLog } from "../../src/message-log/verify.ts";
import { changePack } from "../store/packed-log.ts";
import { BundleWorld, told, verify } from "./bundle-world.ts";

const DAY_MS = 86_400_000;

describe("retention of the message log", () => {
  let world: BundleWorld;

  beforeEach(async () => {
    world = await BundleWorld.open();
  });

  afterEach(() => world.close());

  const erase = async (days: string) => {
    const { clock, store } = world;
    const erased = await eraseOld(store.messageLog, parseClassDays(days), clock.now());
    await growLog(store.messageLog);
    return erased;
  };
  const payloads = async () => (await world.store.messageLog.read(0, 100)).map(({ stored }) => stored !== undefined);

  it("erases payloads of a class that are old, once, and leaves leaves that are proved as before", async () => {
    await world.append(3, { class: "poll" });
    await world.append(3);
    world.clock.advance(10 * DAY_MS);
    await world.append(2, { class: "poll" });
    assert.equal(await erase("poll=9 device=1"), 3);
    assert.deepEqual(await payloads(), [false, false, false, true, true, true, true, true, true]);
    assert.equal(await erase("poll=9 device=1"), 0);
    assert.equal((await world.store.messageLog.positions()).sequenced, 9);
    await world.publish();
    const directory = await world.export();
    assert.deepEqual(told(verify(directory)), []);
    assert.deepEqual((await verifyMessageLog(world.store.messageLog)).findings, []);
  });

  it("is told from payloads that somebody took away", async () => {
    await world.append(5, { class: "poll" });
    world.clock.advance(10 * DAY_MS);
    await world.append(5, { class: "poll" });
    await erase("poll=9");
    for (const index of [7, 8]) {
      changePack(world.store.sql, index, ({ leaves }, at) => {
        leaves[at]![3] = null;
      });
    }
    await world.publish();
    assert.deepEqual(told(verify(await world.export())), ["PAYLOAD_MISSING 7-8"]);
    assert.deepEqual((await verifyMessageLog(world.store.messageLog)).findings, [
      { index: 7, defect: "PAYLOAD_MISSING" },
      { index: 8, defect: "PAYLOAD_MISSING" },
    ]);
  });

  it("spares what is held, until the hold ends", async () => {
    await world.append(4);
    world.clock.advance(10 * DAY_MS);
    const { messageLog } = world.store;
    await messageLog.putHold({ name: "case", reason: "court", sinceMs: 0, organisation: "Utility" }, []);
    assert.equal(await erase("message=9"), 2);
    assert.deepEqual((await payloads()).slice(0, 4), [false, true, false, true]);
    assert.equal(await erase("message=9"), 0);
    await messageLog.removeHold("case", [ownEntry(HOLD_ENDED, {}, world.clock.now())]);
    assert.equal(await erase("message=9"), 2);
    await world.publish();
    assert.deepEqual(told(verify(await world.export())), []);
  });
});
