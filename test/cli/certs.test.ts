import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/cli/program.ts";
import { readRevocationLists } from "../../src/http/revocation-list.ts";
import { Trust } from "../../src/http/trust.ts";

describe("metergate certs", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "metergate-certs-"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  async function certs(...args: string[]): Promise<{ code: number; text: string }> {
    let text = "";
    const note = (more: string) => {
      text += more;
    };
    const code = await run(["certs", ...args], { env: {}, out: note, err: note });
    return { code, text };
  }
  const at = (name: string) => join(dir, name);
  const read = (name: string) => new X509Certificate(readFileSync(at(name)));

  it("makes an authority, a server's certificate and those of callers, and revokes one", async () => {
    const { text } = await certs("init", "--dir", dir, "--host", "head-end.example", "10.0.0.7");
    assert.match(text, /^METERGATE_TLS_CERTIFICATE_FILE=.*server\.pem$/m);
    assert.equal(read("server.pem").subjectAltName, "DNS:head-end.example, IP Address:10.0.0.7");
    assert.deepEqual(readRevocationLists(readFileSync(at("ca-crl.pem")), [read("ca.pem")])[0]?.serials, new Set());
    for (const name of ["test-org", "other-org"]) {
      assert.equal((await certs("issue", name, "--dir", dir, "--days", "7")).code, 0);
    }
    for (const name of ["ca-key.pem", "server-key.pem", "test-org-key.pem"]) {
      assert.equal(statSync(at(name)).mode & 0o777, 0o600, name);
    }
    const revoked = (name: string) => certs("revoke", at(`${name}.pem`), "--dir", dir);
    assert.match((await revoked("test-org")).text, /^1 revoked/);
    const trust = () => {
      const authorities = [read("ca.pem")];
      return new Trust(authorities, readRevocationLists(readFileSync(at("ca-crl.pem")), authorities));
    };
    assert.match(trust().whyNot(read("test-org.pem"), Date.now()) ?? "", /was revoked/);
    assert.equal(trust().whyNot(read("other-org.pem"), Date.now()), undefined);
    // The next list has those of before.
    assert.match((await revoked("other-org")).text, /^2 revoked/);
    assert.match(trust().whyNot(read("test-org.pem"), Date.now()) ?? "", /was revoked/);
  });

  it("makes certificates anew, for the same names and as long, with other keys", async () => {
    await certs("init", "--dir", dir, "--host", "head-end.example", "10.0.0.7");
    await certs("issue", "test-org", "--dir", dir, "--days", "7", "--key-type", "rsa");
    const before = { server: read("server.pem"), "test-org": read("test-org.pem") };
    const { code, text } = await certs("renew", "server", "test-org", "--dir", dir);
    assert.equal(code, 0, text);
    for (const [name, old] of Object.entries(before)) {
      const renewed = read(`${name}.pem`);
      assert.match(text, new RegExp(`${name}.pem, valid until 20`));
      assert.notEqual(renewed.serialNumber, old.serialNumber);
      assert.ok(!renewed.publicKey.equals(old.publicKey));
      assert.ok(renewed.checkPrivateKey(createPrivateKey(readFileSync(at(`${name}-key.pem`)))));
      assert.ok(renewed.verify(read("ca.pem").publicKey));
      const same = ["subject", "subjectAltName", "keyUsage"] as const;
      for (const each of same) assert.deepEqual(renewed[each], old[each]);
      assert.equal(renewed.publicKey.asymmetricKeyType, old.publicKey.asymmetricKeyType);
      const lasts = ({ validFrom, validTo }: X509Certificate) => Date.parse(validTo) - Date.parse(validFrom);
      assert.ok(Math.abs(lasts(renewed) - lasts(old)) <= 1000);
    }
    assert.match((await certs("renew", "ca", "--dir", dir)).text, /ca\.pem was not issued by the authority in/);
    assert.match((await certs("renew", "nobody", "--dir", dir)).text, /there is no .*nobody\.pem/);
    const other = at("other");
    await certs("init", "--dir", other);
    writeFileSync(at("server.pem"), readFileSync(join(other, "server.pem")));
    assert.match((await certs("renew", "server", "--dir", dir)).text, /server\.pem was not issued by the authority/);
  });

  it("puts a certificate into a bundle, and takes it out again", async () => {
    await certs("init", "--dir", dir);
    writeFileSync(at("password"), "secret of the bundle\n");
    const password = ["--password-file", at("password")];
    const issued = await certs("issue", "test-org", "--dir", dir, ...password);
    assert.ok(issued.code === 0 && !issued.text.includes("secret"), issued.text);
    assert.equal((await certs("import", at("test-org.p12"), "--dir", dir, "--name", "again", ...password)).code, 0);
    assert.equal(readFileSync(at("again-key.pem"), "utf8"), readFileSync(at("test-org-key.pem"), "utf8"));
    assert.ok(readFileSync(at("again.pem"), "utf8").startsWith(readFileSync(at("test-org.pem"), "utf8")));
    writeFileSync(at("password"), "guess\n");
    const wrong = await certs("import", at("test-org.p12"), "--dir", dir, "--name", "third", ...password);
    assert.deepEqual([wrong.code, wrong.text], [1, "metergate: the password is not that of the bundle\n"]);
    assert.ok(!existsSync(at("third-key.pem")));
  });

  it("says what a certificate says", async () => {
    await certs("init", "--dir", dir);
    await certs("issue", "test-org", "--dir", dir);
    const { text } = await certs("show", at("test-org.pem"));
    assert.match(text, /^subject +CN=test-org$/m);
    assert.match(text, /^issuer +CN=Metergate demonstration authority$/m);
    assert.match(text, /^for +callers$/m);
    assert.match((await certs("show", at("ca.pem"))).text, /^for +issuing certificates$/m);
  });

  it("overwrites nothing, and leaves its folder with no name", async () => {
    await certs("init", "--dir", dir);
    const before = readFileSync(at("ca-key.pem"), "utf8");
    assert.match((await certs("init", "--dir", dir)).text, /has an authority already/);
    assert.equal(readFileSync(at("ca-key.pem"), "utf8"), before);
    await certs("issue", "../x/..", "--dir", dir);
    assert.ok(existsSync(at(".._2Fx_2F...pem")));
    assert.match((await certs("issue", "../x/..", "--dir", dir)).text, /is there already/);
    assert.match((await certs("issue", "x", "--dir", join(dir, "none"))).text, /see: metergate certs --help/);
  });
});
