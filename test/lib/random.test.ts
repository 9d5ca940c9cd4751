import assert from "node:assert/strict";
import { systemRandom } from "../../src/lib/random.ts";

describe("the system's randomness", () => {
  it("gives nothing twice, whatever lengths are asked for", () => {
    const seen = new Set<string>();
    for (let i = 0; i < 5_000; i++) {
      const octets = systemRandom.bytes(16 + (i % 3) * 128);
      assert.equal(octets.length, 16 + (i % 3) * 128);
      assert.equal(octets.byteLength, octets.buffer.byteLength, "memory of its own");
      seen.add(Buffer.from(octets.subarray(0, 16)).toString("hex"));
    }
    assert.equal(seen.size, 5_000);
  });

  it("fills all octets", () => {
    const sum = new Uint8Array(64);
    for (let i = 0; i < 500; i++) for (const [at, octet] of systemRandom.bytes(64).entries()) sum[at]! |= octet;
    assert.ok(sum.every((octet) => octet === 0xff));
  });
});
