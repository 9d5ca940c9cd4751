import assert from "node:assert/strict";
import { Snooze } from "../../src/domain/adapter.ts";
import { ManualClock, nextTurn } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { type PermitLimits, type PermitStock, Permits } from "../../src/worker/permits.ts";

describe("a permit for a connection", () => {
  const clock = new ManualClock(0);
  const given: string[] = [];
  let free = 0;
  let asked = 0;
  let limits: PermitLimits | undefined;
  let isBroken = false;
  const stock: PermitStock = {
    async take(wish) {
      asked += 1;
      limits = wish.limits;
      if (isBroken) throw new RangeError("no store");
      return free-- > 0;
    },
    give: async (id) => void given.push(id),
  };
  const general = { open: 1, openInSegment: 3, perSecond: 0 };
  const permits = new Permits(stock, general, clock, systemRandom, { "1/8": 20, "1/9": 0 });
  const take = (priority: number) => permits.take("dlms", "1/7", priority, new AbortController().signal);

  beforeEach(() => {
    free = 0;
    asked = 0;
    isBroken = false;
  });

  it("is given back by whoever has it", async () => {
    free = 1;
    const give = await take(4);
    assert.equal(given.length, 0);
    await give();
    assert.equal(given.length, 1);
  });

  it("is asked for with the limit of its segment, where that has its own", async () => {
    for (const [segment, openInSegment] of [
      ["1/7", 3],
      ["1/8", 20],
      ["1/9", 0],
      ["constructor", 3],
      [undefined, 3],
    ] as const) {
      free = 1;
      await permits.take("dlms", segment, 4, new AbortController().signal);
      assert.deepEqual(limits, { ...general, openInSegment });
    }
  });

  it("that there is none of puts the request back for about a minute", async () => {
    await assert.rejects(take(4), (error) => {
      assert.ok(error instanceof Snooze);
      return error.delayMs >= 50_000 && error.delayMs <= 70_000;
    });
    assert.equal(asked, 1);
  });

  it("is waited for by what is urgent, which comes back soon", async () => {
    const waiting = assert.rejects(take(5), { delayMs: 2_000 });
    for (let second = 0; second < 10; second++) {
      for (let turn = 0; turn < 3; turn++) await nextTurn();
      clock.advance(1_000);
    }
    await waiting;
    assert.equal(asked, 11);
  });

  it("is none when the store cannot be asked", async () => {
    isBroken = true;
    await assert.rejects(take(4), Snooze);
  });
});
