import assert from "node:assert/strict";
import fc from "fast-check";
import { ManualClock } from "../../src/lib/clock.ts";
import { StartThrottle } from "../../src/worker/start-throttle.ts";

/** Lets promises that are due settle. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe("the throttle of new connections", () => {
  const never = new AbortController().signal;

  it("never lets more through than allowed within any window, wastes none, and keeps the order", async () => {
    const property = fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.array(fc.nat(15), { minLength: 1, maxLength: 20 }),
      async (count, gaps) => {
        const clock = new ManualClock(0);
        const throttle = new StartThrottle(clock, { count, windowMs: 10 });
        const starts: { call: number; atMs: number }[] = [];
        for (const [call, gapMs] of gaps.entries()) {
          for (let ms = 0; ms < gapMs; ms++) {
            clock.advance(1);
            await settle();
          }
          void throttle.enter(never).then(() => starts.push({ call, atMs: clock.now() }));
          await settle();
        }
        for (let ms = 0; starts.length < gaps.length; ms++) {
          assert.ok(ms <= gaps.length * 10, "waits longer than needed");
          clock.advance(1);
          await settle();
        }
        assert.deepEqual(
          starts.map(({ call }) => call),
          gaps.map((_, call) => call),
        );
        for (let at = count; at < starts.length; at++) {
          assert.ok(starts[at]!.atMs - starts[at - count]!.atMs >= 10);
        }
      },
    );
    await fc.assert(property, { numRuns: 30 });
  });

  it("does not wait for a wall clock that stepped back", async () => {
    const clock = new ManualClock(0);
    const throttle = new StartThrottle(clock, { count: 1, windowMs: 1000 });
    await throttle.enter(never);
    clock.step(-3_600_000);
    const entered = throttle.enter(never);
    clock.advance(1000);
    await entered;
  });

  it("lets the first ones through at once", async () => {
    const throttle = new StartThrottle(new ManualClock(0), { count: 2, windowMs: 1000 });
    await throttle.enter(never);
    await throttle.enter(never);
  });

  it("holds nobody who was aborted", async () => {
    const throttle = new StartThrottle(new ManualClock(0), { count: 1, windowMs: 1000 });
    await throttle.enter(never);
    const controller = new AbortController();
    const entered = throttle.enter(controller.signal);
    controller.abort();
    await entered;
  });
});
