import assert from "node:assert/strict";
import {
  constants,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
} from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ApplicationKeys } from "../../src/devices/application-keys.ts";
import { PlatformKeys, parsePublicKey } from "../../src/devices/platform-keys.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { ORGANISATIONS, openParts } from "./parts.ts";

const OWNER_ONLY = { mode: 0o600 };

const KEY = fromHex("9F3C55E01B7A4D2286C4AB10DE77F0A3");
/** RSA/ECB/OAEPPadding of the contract's clients: SHA-1 for both the label and MGF1. */
const OAEP = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" };

describe("the platform's key pair", () => {
  let dir: string;
  let keys: PlatformKeys;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "metergate-platform-"));
    keys = await PlatformKeys.open(dir);
  });
  after(() => rmSync(dir, { recursive: true }));

  const sealed = (plain: Uint8Array) => toHex(publicEncrypt({ key: keys.publicKey, ...OAEP }, plain));

  it("is made at the first start, the private key for its owner only, and taken at the next", async () => {
    assert.equal(statSync(join(dir, "platform-key.pem")).mode & 0o777, 0o600);
    assert.equal(readFileSync(join(dir, "platform-public-key.pem"), "utf8"), keys.publicKey);
    assert.equal((await PlatformKeys.open(dir)).publicKey, keys.publicKey);
  });

  it("opens what was sealed with its public key", () => {
    assert.deepEqual(keys.openKey(sealed(KEY)), KEY);
  });

  it("takes off sixteen zero octets in front", () => {
    assert.deepEqual(keys.openKey(sealed(Buffer.concat([Buffer.alloc(16), KEY]))), KEY);
  });

  it("keeps zero octets that belong to the key", () => {
    const key = fromHex("00000000000000000000000000000001");
    assert.deepEqual(keys.openKey(sealed(key)), key);
  });

  for (const length of [0, 15, 17, 24, 48]) {
    it(`refuses a key of ${length} octets`, () => {
      assert.throws(() => keys.openKey(sealed(Buffer.alloc(length, 7))), {
        code: "INVALID_KEY_FORMAT",
        message: `A key has 16 octets, not ${length}`,
      });
    });
  }

  for (const [what, ciphertext] of [
    ["a key sealed for somebody else", "11".repeat(256)],
    ["a key that is not sealed", toHex(KEY)],
    ["nothing", ""],
    ["text that is not hexadecimal", "key"],
  ]) {
    it(`refuses ${what}`, () => {
      assert.throws(() => keys.openKey(ciphertext!), { code: "DECRYPTION_EXCEPTION" });
    });
  }

  it("may come from elsewhere, as PKCS#8 in DER", async () => {
    const other = mkdtempSync(join(tmpdir(), "metergate-platform-"));
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    writeFileSync(join(other, "platform-key.der"), privateKey.export({ format: "der", type: "pkcs8" }), OWNER_ONLY);
    const opened = await PlatformKeys.open(other);
    assert.deepEqual(opened.openKey(toHex(publicEncrypt({ key: publicKey, ...OAEP }, KEY))), KEY);
    rmSync(other, { recursive: true });
  });

  it("is refused when the file is no RSA key", async () => {
    const other = mkdtempSync(join(tmpdir(), "metergate-platform-"));
    writeFileSync(join(other, "platform-key.pem"), "none", OWNER_ONLY);
    await assert.rejects(PlatformKeys.open(other), { code: "VALIDATION_ERROR", message: /not a private key/ });
    const { privateKey } = generateKeyPairSync("ed25519");
    writeFileSync(join(other, "platform-key.pem"), privateKey.export({ format: "pem", type: "pkcs8" }), OWNER_ONLY);
    await assert.rejects(PlatformKeys.open(other), {
      code: "VALIDATION_ERROR",
      message: /not an RSA key of 2048 bits/,
    });
    rmSync(other, { recursive: true });
  });

  it("is refused when others may read the file", async () => {
    if (process.platform === "win32") return;
    const other = mkdtempSync(join(tmpdir(), "metergate-platform-"));
    writeFileSync(join(other, "platform-key.pem"), readFileSync(join(dir, "platform-key.pem")), { mode: 0o644 });
    await assert.rejects(PlatformKeys.open(other), { code: "VAULT_UNREADABLE", message: /make its mode 600$/ });
    rmSync(other, { recursive: true });
  });

  it("is not what callers' keys may be weaker than", () => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1024 });
    const content = Buffer.from(publicKey.export({ format: "pem", type: "spki" }));
    assert.throws(() => parsePublicKey(content, "key.pem"), {
      message: "key.pem is not an RSA key of 2048 bits or more",
    });
  });

  it("seals keys for an application that has registered its own, in PEM or DER", async () => {
    const parts = await openParts();
    await parts.load({ organisations: ORGANISATIONS });
    const application = new ApplicationKeys(parts.store.devices);
    const own = createPrivateKey(readFileSync(join(dir, "platform-key.pem")));
    const der = createPublicKey(own).export({ format: "der", type: "spki" });
    for (const content of [Buffer.from(keys.publicKey), der]) {
      await application.add("test-org", "erp", content, "erp-key");
      const seal = await application.sealerFor("test-org", "erp");
      assert.deepEqual(new Uint8Array(privateDecrypt({ key: own, ...OAEP }, fromHex(seal(KEY)))), KEY);
    }
    await assert.rejects(application.sealerFor("other-org", "erp"), {
      code: "NOT_FOUND",
      message: "No public key found for application erp and organisation other-org",
    });
    await assert.rejects(application.add("nobody", "erp", der, "erp-key"), { code: "UNKNOWN_ORGANISATION" });
    await assert.rejects(application.add("test-org", "erp", Buffer.from("x"), "erp-key"), {
      code: "VALIDATION_ERROR",
      message: /^erp-key is not a public key/,
    });
    await parts.close();
  });
});
