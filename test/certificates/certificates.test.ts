import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { newAuthority, selfSigned } from "../../src/certificates/authority.ts";
import { BundleError, fromPkcs12, toPkcs12 } from "../../src/certificates/pkcs12.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { AUTHORITY, issue, SERVER, wanted } from "./authority.ts";

describe("a certificate", () => {
  const authority = new X509Certificate(AUTHORITY.certificate);

  it("is what was asked for, and signed by its authority", () => {
    for (const keyType of ["ec", "rsa"] as const) {
      const { certificate, key } = issue("test-org", { keyType });
      const read = new X509Certificate(certificate);
      assert.equal(read.subject, "CN=test-org");
      assert.equal(read.issuer, "CN=Test authority");
      assert.ok(read.checkIssued(authority) && read.verify(authority.publicKey), keyType);
      assert.deepEqual([read.ca, read.keyUsage], [false, ["1.3.6.1.5.5.7.3.2"]]);
      assert.ok(read.checkPrivateKey(createPrivateKey(key)));
      assert.equal(read.publicKey.asymmetricKeyType, keyType);
      assert.ok(Math.abs(Date.parse(read.validTo) - wanted("x").notAfterMs) < 60_000);
    }
  });

  it("of a server has the names and addresses that it is reached under", () => {
    const read = new X509Certificate(SERVER.certificate);
    assert.equal(read.subjectAltName, "DNS:localhost, IP Address:127.0.0.1");
    assert.equal(read.checkHost("localhost"), "localhost");
    assert.equal(read.checkIP("127.0.0.1"), "127.0.0.1");
    const v6 = new X509Certificate(issue("x", { use: { server: true, hosts: ["2001:db8::1"] } }).certificate);
    assert.equal(v6.checkIP("2001:db8::1"), "2001:db8::1");
  });

  it("of an authority is one, and that of another signs nothing of this one's", () => {
    assert.equal(authority.ca, true);
    assert.ok(authority.verify(authority.publicKey));
    const other = new X509Certificate(newAuthority(wanted("Test authority"), systemRandom).certificate);
    assert.equal(new X509Certificate(SERVER.certificate).verify(other.publicKey), false);
  });

  it("may name anybody, in whatever script, and years beyond 2050", () => {
    const far = { from: 0, to: 365 * 40 };
    const read = new X509Certificate(selfSigned(wanted("Stadtwerke Ä/ö", far), {}, systemRandom).certificate);
    assert.equal((read.toLegacyObject().subject as { CN: string }).CN, "Stadtwerke Ä/ö");
    assert.ok(Date.parse(read.validTo) > Date.UTC(2060, 0));
  });
});

describe("a PKCS#12 bundle", () => {
  const password = "pass word~1";

  for (const keyType of ["ec", "rsa"] as const) {
    it(`gives back what was put in, ${keyType}`, () => {
      const issued = issue("test-org", { keyType });
      const bundle = toPkcs12(issued, [AUTHORITY.certificate], password, systemRandom);
      assert.deepEqual(fromPkcs12(bundle, password), { ...issued, others: [AUTHORITY.certificate] });
    });
  }

  it("is refused with a wrong password, cut off or changed, without a word of what is in it", () => {
    const bundle = toPkcs12(issue("test-org"), [], password, systemRandom);
    assert.throws(() => fromPkcs12(bundle, "wrong"), BundleError);
    assert.throws(() => fromPkcs12(bundle, "pässword"), { message: /printable ASCII/ });
    assert.throws(() => fromPkcs12(bundle.subarray(0, 200), password), { message: "the file is no PKCS#12 bundle" });
    assert.throws(() => fromPkcs12(Buffer.from("hello"), password), { message: "the file is no PKCS#12 bundle" });
    const changed = Buffer.from(bundle);
    changed[300]! ^= 1;
    assert.throws(() => fromPkcs12(changed, password), BundleError);
  });
});
