import assert from "node:assert/strict";
import fc from "fast-check";
import { Quota } from "../../src/http/quota.ts";
import { sourceOf } from "../../src/http/source.ts";

describe("what callers may have at the same time", () => {
  it("is bounded for each source and for all, and free again when it is given back", () => {
    const limits = { inAll: 10, perSource: 6 };
    const takes = fc.array(
      fc.record({ source: fc.constantFrom("a", "b", "c"), amount: fc.integer({ min: 1, max: 4 }) }),
    );
    fc.assert(
      fc.property(takes, (wanted) => {
        const quota = new Quota(limits);
        const held: { source: string; amount: number }[] = [];
        const sum = (source?: string) =>
          held.filter((one) => source === undefined || one.source === source).reduce((all, one) => all + one.amount, 0);
        for (const one of wanted) {
          const fits = sum() + one.amount <= limits.inAll && sum(one.source) + one.amount <= limits.perSource;
          assert.equal(quota.take(one.source, one.amount), fits);
          if (fits) held.push(one);
          else if (held.length > 0) {
            const { source, amount } = held.shift()!;
            quota.give(source, amount);
          }
        }
      }),
    );
  });

  it("is counted by IPv4 address and by the network of an IPv6 address", () => {
    for (const [address, source] of [
      ["192.0.2.7", "192.0.2.7"],
      ["::ffff:192.0.2.7", "192.0.2.7"],
      ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
      ["2001:db8:1:2::6", "2001:db8:1:2::/64"],
      ["2001:db8::6", "2001:db8:0:0::/64"],
      ["fe80::1%eth0", "fe80:0:0:0::/64"],
      ["::1", "0:0:0:0::/64"],
      [undefined, ""],
    ] as const) {
      assert.equal(sourceOf({ remoteAddress: address }), source);
    }
  });
});
