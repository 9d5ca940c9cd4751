import { CHANGES, CUTS_IN_A_ROW } from "./keys-cuts.ts";
import { KeysWorld } from "./keys-world.ts";

describe("a key change whose connection is cut twice", () => {
  let world: KeysWorld;
  before(async () => {
    world = await KeysWorld.open();
  });
  afterEach(() => world.closeMeters());
  after(() => world.close());

  for (const [does, change] of Object.entries(CHANGES)) {
    it(`${does}, wherever the attempts before were cut`, async () => {
      for (const cuts of CUTS_IN_A_ROW) await change(world, cuts);
    });
  }
});
