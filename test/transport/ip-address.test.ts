import assert from "node:assert/strict";
import { bareAddress, isPublicAddress, parseNetwork } from "../../src/transport/ip-address.ts";

describe("an IP address", () => {
  it("is public unless it is loopback, link-local, private, reserved, or the way to such", () => {
    const publicOnes = ["9.9.9.9", "172.32.0.1", "192.167.255.255", "2620:fe::fe", "2a00:1450::1", "::ffff:9.9.9.9"];
    const others = [
      ...["0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1"],
      ...["172.31.255.255", "192.168.1.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"],
      ...["::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fdff::1", "ff02::1", "fec0::1", "::127.0.0.1"],
      ...["::ffff:127.0.0.1", "::ffff:7f00:1", "0:0:0:0:0:ffff:a00:1", "64:ff9b::7f00:1", "64:ff9b:1::a00:1"],
      ...["2002:7f00:1::", "2001:0:a00:1::", "2001:db8::1", "3fff::1", "localhost", "", "127.1"],
    ];
    assert.deepEqual(
      publicOnes.filter((address) => !isPublicAddress(address)),
      [],
    );
    assert.deepEqual(
      others.filter((address) => isPublicAddress(address)),
      [],
    );
  });

  it("is the IPv4 address that it maps, and goes without its zone", () => {
    assert.equal(bareAddress("::ffff:10.0.0.1"), "10.0.0.1");
    assert.equal(bareAddress("0:0:0:0:0:FFFF:0A00:0001"), "10.0.0.1");
    assert.equal(bareAddress("fe80::1%2"), "fe80::1");
    assert.equal(bareAddress("::1"), "::1");
  });

  it("is in a network by its leading bits, in whatever clothes", () => {
    const network = parseNetwork("10.1.0.0/16")!;
    assert.deepEqual(
      ["10.1.255.255", "::ffff:10.1.0.1", "10.2.0.0", "fd00::1", "no"].map((address) => network.contains(address)),
      [true, true, false, false, false],
    );
    assert.ok(parseNetwork("fd00::/8")?.contains("fd12::1"));
    assert.ok(parseNetwork("192.0.2.7")?.contains("192.0.2.7"));
    for (const none of ["10.0.0.0/33", "10.0.0/8", "fd00::/129", "erp.example", "", "10.0.0.0/"]) {
      assert.equal(parseNetwork(none), undefined, none);
    }
  });
});
