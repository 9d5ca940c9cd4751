import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { newAuthority, revocationList, selfSigned } from "../../src/certificates/authority.ts";
import { readRevocationLists, TrustError } from "../../src/http/revocation-list.ts";
import { namesIn, readCertificates, Trust } from "../../src/http/trust.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { AUTHORITY, issue, wanted } from "../certificates/authority.ts";

const read = ({ certificate }: { certificate: string }) => new X509Certificate(certificate);
const authorities = [read(AUTHORITY)];
const listOf = (certificates: string[], by = AUTHORITY, nextUpdateMs = Date.now() + 86_400_000) =>
  Buffer.from(revocationList(by, certificates, { number: 1, thisUpdateMs: Date.now(), nextUpdateMs }));

describe("trust in a caller's certificate", () => {
  const trust = new Trust(authorities, []);
  const whyNot = (issued: { certificate: string }, nowMs = Date.now()) => trust.whyNot(read(issued), nowMs);

  it("is there when an authority issued it, for callers or for anything, and it is its time", () => {
    assert.equal(whyNot(issue("test-org")), undefined);
    assert.equal(whyNot(issue("test-org", { keyType: "rsa" })), undefined);
    assert.equal(whyNot(issue("test-org", { use: {} })), undefined);
    assert.equal(whyNot(issue("test-org", { use: { client: true, server: true } })), undefined);
  });

  it("is refused in words that name what is wrong, whose it is, and what the clock says", () => {
    const stranger = newAuthority(wanted("Another authority"), systemRandom);
    const namesake = newAuthority(wanted("Test authority"), systemRandom);
    const below = issue("Below", { use: { authority: true } });
    for (const [issued, expected] of [
      [
        issue("x", { by: stranger }),
        /not issued by one of the authorities .*: CN=x, issued by CN=Another .*believed are: CN=Test/,
      ],
      [issue("x", { by: namesake }), /not issued by one of the authorities/],
      [issue("x", { by: below }), /not issued by one of the authorities/],
      [selfSigned(wanted("x"), { client: true }, systemRandom), /signed itself: CN=x/],
      [issue("x", { valid: { from: -9, to: -1 } }), /expired on \d{4}-\d\d-\d\dT.*Z; the clock here says \d{4}/],
      [issue("x", { valid: { from: 1, to: 9 } }), /not valid before \d{4}-.*; the clock here says/],
      [issue("x", { use: { server: true } }), /not for client authentication: CN=x/],
      [issue("x", { use: { authority: true } }), /is an authority's/],
    ] as const) {
      assert.match(whyNot(issued) ?? "believed", expected);
    }
  });

  it("ends with the authority's", () => {
    const short = newAuthority(wanted("Short", { from: -9, to: 1 }), systemRandom);
    const late = new Trust([read(short)], []);
    const certificate = read(issue("x", { by: short }));
    assert.equal(late.whyNot(certificate, Date.now()), undefined);
    assert.match(late.whyNot(certificate, Date.now() + 2 * 86_400_000) ?? "", /expired/);
  });

  it("ends when the authority revokes it, and for no other by the same number of another authority", () => {
    const [gone, other] = [issue("gone"), issue("other")];
    const strict = new Trust(authorities, readRevocationLists(listOf([gone.certificate]), authorities));
    assert.match(strict.whyNot(read(gone), Date.now()) ?? "", /was revoked: CN=gone/);
    assert.equal(strict.whyNot(read(other), Date.now()), undefined);
    const second = newAuthority(wanted("Second"), systemRandom);
    const both = [...authorities, read(second)];
    const foreign = new Trust(both, readRevocationLists(listOf([gone.certificate], second), both));
    assert.equal(foreign.whyNot(read(gone), Date.now()), undefined);
  });
});

describe("a revocation list", () => {
  it("may be empty, DER, or several in PEM", () => {
    const { certificate } = issue("gone");
    const [empty] = readRevocationLists(listOf([]), authorities);
    assert.deepEqual([empty?.serials.size, empty?.issuer.subject], [0, "CN=Test authority"]);
    const pem = listOf([certificate]);
    const base64 = pem.toString().replace(/-----.*-----/g, "");
    const [der] = readRevocationLists(Buffer.from(base64, "base64"), authorities);
    assert.deepEqual([...der!.serials], [new X509Certificate(certificate).serialNumber.replace(/^0+/, "")]);
    assert.equal(readRevocationLists(Buffer.concat([pem, listOf([])]), authorities).length, 2);
  });

  it("is refused when it is somebody else's, changed, cut off or none", () => {
    const stranger = newAuthority(wanted("Test authority"), systemRandom);
    const changed = Buffer.from(
      listOf([issue("gone").certificate])
        .toString()
        .replace(/-----.*-----/g, ""),
      "base64",
    );
    changed[60]! ^= 1;
    for (const content of [
      listOf([], stranger),
      changed,
      changed.subarray(0, 90),
      Buffer.from("no list"),
      Buffer.of(),
    ]) {
      assert.throws(() => readRevocationLists(content, authorities), TrustError);
    }
  });
});

describe("whose a certificate is", () => {
  it("is its common name, or its names of the kind that is looked for", () => {
    assert.deepEqual(namesIn(read(issue("test-org")), "cn"), ["test-org"]);
    const hosts = { client: true, hosts: ["erp.example", "127.0.0.1"] };
    assert.deepEqual(namesIn(read(issue("test-org", { use: hosts })), "dns"), ["erp.example"]);
    assert.throws(
      () => namesIn(read(issue("test-org", { use: hosts })), "uri"),
      /no name of the kind uri: CN=test-org/,
    );
  });

  it("is not what looks like another name within one", () => {
    const use = { client: true, hosts: ["a, DNS:test-org"] };
    assert.deepEqual(namesIn(read(issue("x", { use })), "dns"), ["a, DNS:test-org"]);
    assert.deepEqual(namesIn(read(issue("x\nCN=test-org")), "cn"), ["x\nCN=test-org"]);
  });

  it("is told of a file that has none", () => {
    assert.throws(() => readCertificates(Buffer.from("hello"), "ca.pem"), /ca\.pem has no certificate in PEM/);
    const broken = Buffer.from(AUTHORITY.certificate.replace("MII", "AAA"));
    assert.throws(() => readCertificates(broken, "ca.pem"), /certificate 1 in ca\.pem cannot be read/);
  });
});
