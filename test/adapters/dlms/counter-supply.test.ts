import assert from "node:assert/strict";
import { CounterSupply } from "../../../src/adapters/dlms/counter-supply.ts";
import { DlmsError } from "../../../src/dlms/errors.ts";
import { TestCounters } from "./devices.ts";

/** Takes values as a session does: refills whenever it is due. */
async function take(supply: CounterSupply, count: number): Promise<number[]> {
  const values: number[] = [];
  for (let i = 0; i < count; i++) {
    if (supply.isLow) await supply.refill();
    values.push(supply.next());
  }
  return values;
}

describe("the counters of a session", () => {
  it("hands out nothing that the store has not taken before", () => {
    const supply = new CounterSupply(new TestCounters(), "device");
    assert.equal(supply.isLow, true);
    assert.throws(
      () => supply.next(),
      (error) => error instanceof DlmsError && error.code === "local/counter-exhausted",
    );
  });

  it("hands out each value once and in order, over blocks that grow", async () => {
    const store = new TestCounters(100);
    const values = await take(new CounterSupply(store, "device"), 2000);
    assert.deepEqual(
      values,
      Array.from({ length: 2000 }, (_, i) => 100 + i),
    );
    assert.deepEqual(store.log, ["reserve 16", "reserve 64", "reserve 256", "reserve 1024", "reserve 1024"]);
  });

  it("goes on where the store says when somebody else took values in between", async () => {
    const store = new TestCounters(0);
    const supply = new CounterSupply(store, "device");
    const before = await take(supply, 12);
    store.next = 1000;
    const values = [...before, ...(await take(supply, 10))];
    assert.deepEqual(values.slice(12), [12, 13, 14, 15, 1000, 1001, 1002, 1003, 1004, 1005]);
  });

  it("asks for the next block while some values are left", async () => {
    const supply = new CounterSupply(new TestCounters(0), "device");
    await supply.refill();
    for (let i = 0; i < 12; i++) supply.next();
    assert.equal(supply.isLow, false);
    supply.next();
    assert.equal(supply.isLow, true);
  });
});
