import { APART, BundleOfAllKinds } from "./bundle-cuts.ts";

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
});
