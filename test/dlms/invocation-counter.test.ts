import assert from "node:assert/strict";
import { DlmsError, InvocationCounter, MAX_INVOCATION_COUNTER } from "../../src/dlms/index.ts";
import { ReplayWindow } from "../../src/dlms/invocation-counter.ts";

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof DlmsError && error.code === code;
}

describe("InvocationCounter", () => {
  it("hands out the reserved values, each once, and no other", () => {
    const counter = new InvocationCounter(5, 8);
    assert.equal(counter.remaining, 3);
    assert.deepEqual([counter.next(), counter.next(), counter.next()], [5, 6, 7]);
    assert.equal(counter.remaining, 0);
    assert.throws(() => counter.next(), hasCode("local/counter-exhausted"));
  });

  it("goes on where it stopped when the reserve is extended", () => {
    const counter = new InvocationCounter(0, 1);
    assert.equal(counter.next(), 0);
    counter.extendReserve(3);
    assert.deepEqual([counter.peek(), counter.next(), counter.next()], [1, 1, 2]);
    assert.throws(() => counter.next(), hasCode("local/counter-exhausted"));
  });

  it("ends at the highest value and never wraps", () => {
    const counter = new InvocationCounter(MAX_INVOCATION_COUNTER);
    assert.equal(counter.next(), 0xffff_ffff);
    assert.throws(() => counter.next(), hasCode("local/counter-exhausted"));
    assert.throws(() => counter.extendReserve(2 ** 32 + 1), hasCode("local/invalid-value"));
  });

  it("refuses ranges that are none", () => {
    for (const [next, limit] of [
      [-1, 5],
      [5, 4],
      [0.5, 4],
      [0, 2 ** 32 + 1],
      [0, Number.NaN],
    ] as const) {
      assert.throws(() => new InvocationCounter(next, limit), hasCode("local/invalid-value"), `${next} to ${limit}`);
    }
  });
});

describe("ReplayWindow", () => {
  it("takes 0 as the first value and then only higher ones", () => {
    const window = new ReplayWindow();
    window.accept(0);
    window.accept(3);
    assert.throws(() => window.accept(3), hasCode("security/counter"));
    assert.throws(() => window.accept(1), hasCode("security/counter"));
    window.accept(4);
    assert.equal(window.lowest, 5);
  });
});
