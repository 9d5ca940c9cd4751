import assert from "node:assert/strict";
import { BundleOfAllKinds } from "./bundle-cuts.ts";

describe("a bundle of every kind of action", () => {
  let bundle: BundleOfAllKinds;
  before(async () => {
    bundle = await BundleOfAllKinds.open();
  });
  after(() => bundle.close());

  it("answers each once and moves nothing twice, when the meter hangs up after some of its APDUs", async () => {
    const whole = await bundle.whole();
    await bundle.requireSameWhenCut(7, whole);
    await bundle.requireSameWhenCut(16, whole);
  });

  it("answers also what takes hundreds of APDUs, when it is cut in the middle", async () => {
    const { responses, moved } = await bundle.cutAt(bundle.long, [200]);
    assert.deepEqual(responses.toSorted(), ["ActionResponse OK", "GetAllAttributeValuesResponse OK"]);
    assert.deepEqual(moved, { authentication: 1, encryption: 1, gas: 0, activations: 0 });
  });
});
