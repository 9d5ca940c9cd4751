import { changeOctets } from "./bundle-octets.ts";
import { BundleWorld } from "./bundle-world.ts";

describe("a bundle of the log", () => {
  it("is refused with any of 10,000 octets changed", async () => {
    const world = await BundleWorld.open();
    await changeOctets(world, 140, 10_000);
    await world.close();
  });
});
