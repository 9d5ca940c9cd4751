import assert from "node:assert/strict";
import { SoapServer } from "./harness.ts";
import { askForLarge, requireLoggedParts, signLarge } from "./large-bundle.ts";

describe("a bundle of hundreds of actions with tens of megabytes", () => {
  it("is sent with a few parts of it in memory, each in the log before it goes out, and to so many callers only", async () => {
    const server = await SoapServer.start();
    try {
      const large = await requireLoggedParts(server, 300);
      assert.ok(large.octets > 30_000_000, `${large.octets} octets`);
      assert.ok(large.mostAhead < 15_000_000, `${large.mostAhead} octets were written that nobody had read`);
      // Who goes away gives its place back.
      for (let times = 0; times < 17; times++) await askForLarge(server, 300, { leaveAfter: 1_000_000 });
      assert.deepEqual(server.ports.errors, []);
    } finally {
      await server.stop();
    }
  });

  it("is signed piece by piece, so that others get their turn", async () => {
    const { parts, turns } = await signLarge(2_000);
    assert.ok(parts.length >= 5 && parts.every(({ byteLength }) => byteLength > 0 && byteLength < 5_000_000));
    // One for each 131,072 characters.
    assert.ok(turns >= 140, `${turns} turns`);
  });
});
