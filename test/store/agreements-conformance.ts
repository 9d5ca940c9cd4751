import assert from "node:assert/strict";
import { ManualClock } from "../../src/lib/clock.ts";
import type { Store } from "../../src/store/store.ts";
import type { OpenStore } from "./conformance.ts";

/** What nodes agree upon, in every store. */
export function describeAgreements(name: string, open: OpenStore): void {
  describe(`what nodes agree upon over ${name}`, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open(new ManualClock(1000));
    });

    afterEach(() => store.close());

    it("is what the first one said, until it is changed", async () => {
      const { agreements } = store;
      const said = await Promise.all(["a", "b"].map((value) => agreements.agree("key", value)));
      assert.deepEqual(said, [said[0], said[0]]);
      assert.equal(await agreements.agree("other", "c"), "c");
      await agreements.change("key", "d");
      assert.equal(await agreements.agree("key", "a"), "d");
    });
  });
}
