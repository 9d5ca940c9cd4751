import assert from "node:assert/strict";
import { APART, BundleOfAllKinds } from "./bundle-cuts.ts";

/** Of hundreds of APDUs that are much alike, one in so many is the last one before a cut. */
const EVERY = 31;

describe("a bundle of every kind of action", () => {
  let bundle: BundleOfAllKinds;
  before(async () => {
    bundle = await BundleOfAllKinds.open();
  });
  after(() => bundle.close());

  it("answers each once and moves nothing twice, after whichever of its APDUs the meter hangs up", async () => {
    const whole = await bundle.whole();
    for (let first = 1; first <= Math.min(APART, whole.apdus); first++) await bundle.requireSameWhenCut(first, whole);
  });

  it("answers also what takes hundreds of APDUs, at which of them ever it is cut", async () => {
    const { apdus, responses } = await bundle.cutAt(bundle.long, []);
    assert.ok(apdus > 200, `${apdus} APDUs`);
    for (let cut = 1; cut <= apdus; cut += EVERY) {
      const { moved, ...again } = await bundle.cutAt(bundle.long, [cut]);
      assert.deepEqual(again.responses, responses, `cut after ${cut}`);
      assert.deepEqual(moved, { authentication: 1, encryption: 1, gas: 0, activations: 0 }, `cut after ${cut}`);
    }
  });
});
