import assert from "node:assert/strict";
import { type Clock, ManualClock } from "../../src/lib/clock.ts";
import type { LeasesStore } from "../../src/store/leases.ts";

/** What leases by name do in every store. */
export function describeLeases(
  name: string,
  open: (clock: Clock) => Promise<{ readonly leases: LeasesStore; close(): Promise<void> }>,
): void {
  describe(`leases by name over ${name}`, () => {
    let clock: ManualClock;
    let opened: Awaited<ReturnType<typeof open>>;
    let leases: LeasesStore;

    beforeEach(async () => {
      clock = new ManualClock(1000);
      opened = await open(clock);
      leases = opened.leases;
    });

    afterEach(() => opened.close());

    it("are held by one party at a time", async () => {
      assert.equal(typeof (await leases.acquire("sequencer", "a", 1000)), "number");
      assert.equal(await leases.acquire("sequencer", "b", 1000), undefined);
      assert.equal(typeof (await leases.acquire("another", "b", 1000)), "number");
    });

    it("go to one of those that ask at the same time", async () => {
      const tokens = await Promise.all(["a", "b", "c"].map((holder) => leases.acquire("sequencer", holder, 1000)));
      assert.equal(tokens.filter((token) => token !== undefined).length, 1);
    });

    it("end by the store's time, and the next holder's token is higher", async () => {
      const first = await leases.acquire("sequencer", "a", 1000);
      clock.advance(999);
      assert.equal(await leases.acquire("sequencer", "b", 1000), undefined);
      clock.advance(1);
      const second = await leases.acquire("sequencer", "b", 1000);
      assert.ok(first !== undefined && second !== undefined && second > first);
    });

    it("do not end because the wall clock steps", async () => {
      const token = await leases.acquire("sequencer", "a", 1000);
      clock.step(3_600_000);
      assert.equal(await leases.acquire("sequencer", "b", 1000), undefined);
      clock.step(-7_200_000);
      clock.advance(1000);
      assert.equal(await leases.extend("sequencer", token!, 1000), false);
    });

    it("are extended by whoever holds them, as long as they have not ended", async () => {
      const token = await leases.acquire("sequencer", "a", 1000);
      clock.advance(900);
      assert.equal(await leases.extend("sequencer", token!, 1000), true);
      clock.advance(900);
      assert.equal(await leases.acquire("sequencer", "b", 1000), undefined);
      clock.advance(100);
      assert.equal(await leases.extend("sequencer", token!, 1000), false);
    });

    it("that were lost are neither extended nor given back", async () => {
      const lost = await leases.acquire("sequencer", "a", 1000);
      clock.advance(1000);
      const held = await leases.acquire("sequencer", "b", 1000);
      assert.equal(await leases.extend("sequencer", lost!, 1000), false);
      await leases.release("sequencer", lost!);
      assert.equal(await leases.acquire("sequencer", "c", 1000), undefined);
      assert.equal(await leases.extend("sequencer", held!, 1000), true);
    });

    it("are free at once when they are given back, and the token goes on", async () => {
      const first = await leases.acquire("sequencer", "a", 1000);
      await leases.release("sequencer", first!);
      const second = await leases.acquire("sequencer", "b", 1000);
      assert.ok(second !== undefined && second > first!);
    });

    it("are renewed when their holder asks again, with a token that fences its earlier self", async () => {
      const earlier = await leases.acquire("sequencer", "a", 1000);
      const now = await leases.acquire("sequencer", "a", 1000);
      assert.ok(now !== undefined && now > earlier!);
      assert.equal(await leases.extend("sequencer", earlier!, 1000), false);
    });
  });
}
