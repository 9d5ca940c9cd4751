import assert from "node:assert/strict";
import fc from "fast-check";
import {
  HIGHEST_INVOCATION_COUNTER,
  INVOCATION_COUNTER_THRESHOLD,
  InvocationCounters,
} from "../../src/devices/invocation-counters.ts";
import { METER, meterEntry, ORGANISATIONS, openParts, type Parts } from "./parts.ts";

describe("invocation counters", () => {
  let parts: Parts;
  let counters: InvocationCounters;
  let events: [string, number][];

  beforeEach(async () => {
    parts = await openParts();
    await parts.load({ organisations: ORGANISATIONS, devices: [meterEntry()] });
    events = [];
    counters = new InvocationCounters(parts.database, (device, counter) => events.push([device, counter]));
  });

  afterEach(() => parts.close());

  it("are unknown at first, and then start at 0", async () => {
    assert.equal(await counters.current(METER), null);
    assert.deepEqual(await counters.reserve(METER, 5), { from: 0, to: 4 });
    assert.equal(await counters.current(METER), 5);
  });

  it("are stored before they are used", async () => {
    await counters.reserve(METER, 5);
    const other = await parts.reopen();
    assert.deepEqual(await new InvocationCounters(other.database).reserve(METER, 1), { from: 5, to: 5 });
    await other.close();
  });

  it("never give a value twice, however many ask at once", async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, async (counts) => {
        const before = (await counters.current(METER)) ?? 0;
        const blocks = await Promise.all(counts.map((count) => counters.reserve(METER, count)));
        let next = before;
        for (const { from, to } of blocks.sort((a, b) => a.from - b.from)) {
          assert.equal(from, next);
          next = to + 1;
        }
        assert.equal(
          next - before,
          counts.reduce((sum, count) => sum + count, 0),
        );
        assert.equal(await counters.current(METER), next);
      }),
      { numRuns: 25 },
    );
  });

  it("go up to 2^32 - 1 and never further", async () => {
    await counters.raise(METER, HIGHEST_INVOCATION_COUNTER - 1);
    await assert.rejects(counters.reserve(METER, 3), {
      code: "INVOCATION_COUNTER_EXHAUSTED",
      message: `2 invocation counter values left on ${METER}`,
    });
    assert.deepEqual(await counters.reserve(METER, 2), {
      from: HIGHEST_INVOCATION_COUNTER - 1,
      to: HIGHEST_INVOCATION_COUNTER,
    });
    await assert.rejects(counters.reserve(METER, 1), { code: "INVOCATION_COUNTER_EXHAUSTED" });
  });

  it("take over a higher value of the device, know the same, and refuse a lower one", async () => {
    assert.equal(await counters.raise(METER, 0), true);
    assert.equal(await counters.raise(METER, 100), true);
    assert.equal(await counters.raise(METER, 100), false);
    await assert.rejects(counters.raise(METER, 99), {
      code: "ATTEMPT_TO_LOWER_INVOCATION_COUNTER",
      message: "The device reports the invocation counter 99, lower than 100 here",
    });
    assert.equal(await counters.current(METER), 100);
  });

  it("refuse what is no counter", async () => {
    for (const value of [-1, 1.5, HIGHEST_INVOCATION_COUNTER + 1, Number.NaN]) {
      await assert.rejects(counters.raise(METER, value), { code: "ILLEGAL_RESPONSE" });
    }
  });

  it("tell when the threshold is reached", async () => {
    await counters.raise(METER, INVOCATION_COUNTER_THRESHOLD - 2);
    await counters.reserve(METER, 1);
    assert.deepEqual(events, []);
    await counters.reserve(METER, 1);
    assert.deepEqual(events, [[METER, INVOCATION_COUNTER_THRESHOLD]]);
  });

  it("do not exist for an unknown device", async () => {
    const unknown = "UNKNOWN000000000";
    await assert.rejects(counters.current(unknown), { code: "UNKNOWN_DEVICE" });
    await assert.rejects(counters.reserve(unknown, 1), { code: "UNKNOWN_DEVICE" });
    await assert.rejects(counters.raise(unknown, 1), { code: "UNKNOWN_DEVICE" });
  });
});
