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
    counters = new InvocationCounters(parts.store.devices, (device, counter) => events.push([device, counter]));
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
    assert.deepEqual(await new InvocationCounters(other.store.devices).reserve(METER, 1), { from: 5, to: 5 });
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
    assert.deepEqual(await counters.reserve(METER, 16), {
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

  it("are not moved by values that are lent, and pass them over when they come there", async () => {
    await counters.raise(METER, 100);
    assert.deepEqual(await counters.lend(METER, 110, 16), { from: 110, to: 125 });
    assert.deepEqual(await counters.lend(METER, 112, 16), { from: 126, to: 141 });
    assert.equal(await counters.current(METER), 100);
    assert.deepEqual(await counters.reserve(METER, 16), { from: 100, to: 109 });
    assert.deepEqual(await counters.reserve(METER, 16), { from: 142, to: 157 });
    assert.deepEqual(await counters.lend(METER, 5, 2), { from: 158, to: 159 });
  });

  it("lend from 0 on when they were never known, and begin below what was lent", async () => {
    assert.deepEqual(await counters.lend(METER, 4_000_000_000, 16), { from: 4_000_000_000, to: 4_000_000_015 });
    assert.equal(await counters.current(METER), null);
    assert.deepEqual(await counters.reserve(METER, 16), { from: 0, to: 15 });
  });

  it("lend no more than so many ranges at a time", async () => {
    for (let i = 1; i <= 64; i++) await counters.lend(METER, 100 * i, 16);
    await assert.rejects(counters.lend(METER, 10_000, 16), { code: "ILLEGAL_RESPONSE", message: /did not prove/ });
    assert.deepEqual(await counters.lend(METER, 100, 16), { from: 116, to: 131 });
  });

  it("begin anew for a new key, unless somebody has moved them since", async () => {
    await counters.raise(METER, 7500);
    await counters.lend(METER, 8000, 16);
    assert.equal(await counters.restart(METER, 254, 7484), false);
    assert.equal(await counters.restart(METER, 254, 7500), true);
    assert.deepEqual(await counters.reserve(METER, 16), { from: 254, to: 269 });
  });

  it("never give a value twice, whatever is lent, taken and told in between", async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant("reserve" as const), count: fc.integer({ min: 1, max: 40 }) }),
      fc.record({
        kind: fc.constant("lend" as const),
        ahead: fc.integer({ min: -50, max: 200 }),
        count: fc.integer({ min: 1, max: 40 }),
      }),
      fc.record({ kind: fc.constant("raise" as const), ahead: fc.integer({ min: 0, max: 60 }) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
        parts.store.sql.run("update device set invocation_counter = null, lent_counters = null");
        const given = new Set<number>();
        for (const each of steps) {
          const current = (await counters.current(METER)) ?? 0;
          if (each.kind === "raise") await counters.raise(METER, current + each.ahead);
          else {
            const { from, to } =
              each.kind === "reserve"
                ? await counters.reserve(METER, each.count)
                : await counters.lend(METER, Math.max(0, current + each.ahead), each.count);
            for (let value = from; value <= to; value++) {
              assert.ok(!given.has(value), `${value} was given twice`);
              given.add(value);
            }
          }
        }
      }),
      { numRuns: 25 },
    );
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
