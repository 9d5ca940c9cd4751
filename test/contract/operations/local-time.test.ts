import assert from "node:assert/strict";
import fc from "fast-check";
import { fromMeterTime } from "../../../src/contract/operations/readings.ts";

describe("a meter's local time", () => {
  it("is written as JavaScript writes that moment, with its distance to UTC behind", () => {
    const moments = fc.integer({ min: Date.UTC(1, 0, 2), max: Date.UTC(9999, 11, 30) });
    const steps = fc.array(fc.constantFrom(0, 1, 999, 1_000, 59_999, 60_000, 900_000, 86_399_999, 86_400_000));
    fc.assert(
      fc.property(moments, fc.integer({ min: -840, max: 840 }), steps, (epochMs, deviationMinutes, apart) => {
        let at = epochMs;
        for (const step of [0, ...apart]) {
          at = Math.min(at + step, Date.UTC(9999, 11, 30));
          const text = fromMeterTime({ epochMs: at, deviationMinutes }).toISOString();
          const local = new Date(at - deviationMinutes * 60_000).toISOString();
          assert.equal(text.slice(0, 23), local.slice(0, 23));
          assert.equal(Date.parse(text), at);
        }
      }),
    );
  });
});
