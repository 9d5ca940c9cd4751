import { changeOctets } from "./bundle-octets.ts";
import { BundleWorld } from "./bundle-world.ts";

describe("a bundle of the log", () => {
  for (const [entries, octets] of [
    [24, 10_000],
    [280, 300],
  ] as const) {
    it(`of ${entries} entries is refused with any of ${octets} octets changed`, async () => {
      const world = await BundleWorld.open();
      await changeOctets(world, entries / 2, octets);
      await world.close();
    });
  }
});
