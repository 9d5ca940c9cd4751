import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { XmlDocument } from "libxml2-wasm";
import { SignedXml } from "xml-crypto";
import { run } from "../../src/cli/program.ts";
import { hashLeaf } from "../../src/domain/log-leaf.ts";
import { hashEntry } from "../../src/domain/log-tree.ts";
import { parseCheckpoint } from "../../src/message-log/checkpoint.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { rootFromInclusion } from "../../src/message-log/tree.ts";
import { signatureAlgorithms } from "../../src/xml-signature/algorithms.ts";
import { BundleWorld } from "../message-log/bundle-world.ts";

const REQUEST = '<soap:Envelope>\r\n  <a b="c">x &amp; y € </a>\n</soap:Envelope>';

describe("an evidence document", () => {
  let world: BundleWorld;
  let dir: string;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "metergate-evidence-"));
    world = await BundleWorld.open();
    await world.append(20);
    const log = new MessageLog(world.store.messageLog, world.clock);
    const about = { service: "adhoc", operation: "SynchronizeTime", device: "E1", correlationUid: "uid|||1" };
    await log.append({ ...about, direction: "in", body: Buffer.from(REQUEST) });
    await log.append({ ...about, direction: "out", body: Uint8Array.of(0, 255, 10) });
    await world.append(20);
    await world.publish();
    for (const [name, ...args] of [
      ["ec", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
      ["rsa", "-newkey", "rsa:2048"],
    ]) {
      const files = ["-keyout", join(dir, `${name}.key`), "-out", join(dir, `${name}.pem`)];
      execFileSync("openssl", ["req", "-x509", ...args, "-nodes", ...files, "-subj", "/CN=Metergate", "-days", "2"], {
        stdio: "pipe",
      });
    }
  });

  after(async () => {
    await world.close();
    rmSync(dir, { recursive: true });
  });

  async function evidence(
    kind: string,
    uid = "uid|||1",
    certificate = kind,
  ): Promise<{ code: number; text: string; file: string }> {
    let text = "";
    const out = (more: string) => {
      text += more;
    };
    const file = join(dir, `${kind}.xml`);
    const keys = ["--key", join(dir, `${kind}.key`), "--certificate", join(dir, `${certificate}.pem`)];
    const env = { METERGATE_DATA_DIR: world.store.dataDirectory };
    return { code: await run(["log", "evidence", uid, ...keys, "--output", file], { env, out, err: out }), text, file };
  }

  function isSigned(xml: string, kind: string): boolean {
    try {
      const verifier = new SignedXml({
        publicCert: readFileSync(join(dir, `${kind}.pem`)),
        getCertFromKeyInfo: () => null,
      });
      verifier.SignatureAlgorithms = signatureAlgorithms();
      const [signature = ""] = /<ds:Signature[\s\S]*<\/ds:Signature>/.exec(xml) ?? [];
      verifier.loadSignature(signature);
      return verifier.checkSignature(xml);
    } catch {
      return false;
    }
  }

  it("holds request and answer to the octet, with proofs that lead to the checkpoint", async () => {
    const { code, text, file } = await evidence("ec");
    assert.deepEqual([code, text], [0, ""]);
    const document = XmlDocument.fromBuffer(readFileSync(file));
    const namespaces = { e: "urn:metergate:evidence:1" };
    const texts = (path: string) => document.find(path, namespaces).map((node) => node.content);
    assert.deepEqual(texts("/e:Evidence/e:Entry/e:Payload"), [REQUEST, Buffer.of(0, 255, 10).toString("base64")]);
    const { size, root } = parseCheckpoint(texts("/e:Evidence/e:Checkpoint")[0]!);
    for (const [i, leaf] of texts("/e:Evidence/e:Entry/e:Leaf").entries()) {
      const proof = texts(`/e:Evidence/e:Entry[${i + 1}]/e:Proof/e:Hash`).map((hash) => Buffer.from(hash, "base64"));
      const reached = rootFromInclusion(20 + i, size, hashEntry(hashLeaf(Buffer.from(leaf))), proof);
      assert.equal(Buffer.from(reached!).toString("hex"), Buffer.from(root).toString("hex"));
    }
    document.dispose();
  });

  for (const kind of ["ec", "rsa"]) {
    it(`is signed by a key of the kind ${kind}, and not when a character of it differs`, async () => {
      const { file } = await evidence(kind);
      const xml = readFileSync(file, "utf8");
      assert.ok(isSigned(xml, kind));
      const signedPart = xml.slice(0, xml.indexOf("<ds:Signature"));
      for (let at = xml.indexOf("<CorrelationUid>"); at < signedPart.length; at += 97) {
        const other = signedPart[at] === "x" ? "y" : "x";
        assert.ok(!isSigned(xml.slice(0, at) + other + xml.slice(at + 1), kind), `character ${at}`);
      }
    });

    it(`is verified by xmlsec1 for a key of the kind ${kind}, and refused when a character of it differs`, async function () {
      if (spawnSync("xmlsec1", ["--version"]).status !== 0) this.skip();
      const { file } = await evidence(kind);
      const xml = readFileSync(file, "utf8");
      const changed = join(dir, "changed.xml");
      const verify = (content: string) => {
        writeFileSync(changed, content);
        const { status } = spawnSync("xmlsec1", ["--verify", "--trusted-pem", join(dir, `${kind}.pem`), changed], {
          encoding: "utf8",
        });
        return status === 0;
      };
      assert.ok(verify(xml));
      const end = xml.indexOf("<ds:Signature");
      const start = xml.indexOf("<CorrelationUid>") + 5;
      for (let i = 0; i < 12; i++) {
        const at = start + Math.floor(((end - start - 20) / 12) * i);
        const other = xml[at] === "x" ? "y" : "x";
        assert.ok(!verify(xml.slice(0, at) + other + xml.slice(at + 1)), `character ${at}`);
      }
    });
  }

  it("is not made without a key that fits, nor about what is not there", async () => {
    assert.deepEqual((await evidence("ec", "none")).text, "metergate: the log has no entry of none\n");
    assert.match((await evidence("ec", "uid|||1", "rsa")).text, /is not of the key in/);
    assert.match((await evidence("missing")).text, /cannot be read as PEM/);
  });
});
