import assert from "node:assert/strict";
import { ManualClock } from "../../src/lib/clock.ts";
import type { PermitWish } from "../../src/store/permits.ts";
import type { Store } from "../../src/store/store.ts";
import type { OpenStore } from "./conformance.ts";

/** What permits for connections do in every store. */
export function describePermits(name: string, open: OpenStore): void {
  describe(`permits over ${name}`, () => {
    let store: Store;
    let clock: ManualClock;
    let taken = 0;

    beforeEach(async () => {
      clock = new ManualClock(1000);
      store = await open(clock);
    });

    afterEach(() => store.close());

    const take = (limits: Partial<PermitWish["limits"]>, more: Partial<PermitWish> = {}) =>
      store.permits.take({
        ...{ id: `p${taken++}`, network: "dlms", forMs: 60_000 },
        limits: { open: 0, openInSegment: 0, perSecond: 0, ...limits },
        ...more,
      });

    it("are as many as may be open, and go to others when they are given back or expire", async () => {
      const some = await Promise.all(["a", "b", "c"].map((id) => take({ open: 2 }, { id })));
      assert.deepEqual(some, [true, true, false]);
      assert.equal(await take({ open: 2 }, { network: "other" }), true);
      await store.permits.give("a");
      assert.equal(await take({ open: 2 }), true);
      assert.equal(await take({ open: 2 }), false);
      clock.advance(60_000);
      assert.equal(await take({ open: 2 }), true);
    });

    it("are counted for each part of the network, too", async () => {
      assert.equal(await take({ openInSegment: 1 }, { segment: "1/7" }), true);
      assert.equal(await take({ openInSegment: 1 }, { segment: "1/7" }), false);
      assert.equal(await take({ openInSegment: 1 }, { segment: "1/8" }), true);
      assert.equal(await take({ openInSegment: 1 }), true);
    });

    it("let so many begin in a second, whatever the wall clock does", async () => {
      const begin = () => take({ perSecond: 2 });
      assert.deepEqual([await begin(), await begin(), await begin()], [true, true, false]);
      clock.step(3_600_000);
      assert.equal(await begin(), false);
      clock.advance(500);
      assert.deepEqual([await begin(), await begin()], [true, false]);
      clock.advance(60_000);
      assert.deepEqual([await begin(), await begin(), await begin()], [true, true, false]);
    });
  });
}
