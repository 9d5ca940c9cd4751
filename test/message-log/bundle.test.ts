import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LogKeys } from "../../src/devices/log-keys.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { formatManifest, parseManifest } from "../../src/message-log/bundle-format.ts";
import { formatVerifierKey } from "../../src/message-log/note.ts";
import { logSigner } from "../../src/message-log/signer.ts";
import { changeOctets } from "./bundle-octets.ts";
import { BundleWorld, filesOf, NAME, SIGNER, TRUST, told, verify } from "./bundle-world.ts";

describe("a bundle of the log", () => {
  let world: BundleWorld;

  beforeEach(async () => {
    world = await BundleWorld.open();
  });

  afterEach(() => world.close());

  it("is verified with the key of the log, and says what it holds", async () => {
    await world.append(300);
    await world.publish();
    const verdict = verify(await world.export());
    assert.deepEqual(told(verdict), []);
    assert.deepEqual([verdict.entries, verdict.head?.size, verdict.head?.origin], [301, 301, NAME]);
    assert.deepEqual([verdict.signedBy, verdict.isKeyFromBundle], [[formatVerifierKey(SIGNER.key)], false]);
  });

  it("is verified by itself when no key is given, which the verdict says", async () => {
    await world.append(3);
    await world.publish();
    const verdict = verify(await world.export(), { ...TRUST, keys: [] });
    assert.deepEqual([told(verdict), verdict.isKeyFromBundle, verdict.signedBy.length], [[], true, 1]);
  });

  it("of one organisation, device or request shows nothing of others, and is proved as well", async () => {
    await world.append(300);
    await world.publish();
    for (const [selection, entries] of [
      [{ organisation: "Utility" }, 151],
      [{ organisation: "Utility", device: "E1" }, 31],
      [{ uid: "uid-7" }, 3],
      [{ from: 10, to: 20 }, 11],
      [{ organisation: "Utility", from: 290 }, 6],
    ] as const) {
      const directory = await world.export(selection);
      const verdict = verify(directory);
      assert.deepEqual([told(verdict), verdict.entries], [[], entries], JSON.stringify(selection));
      if (!("organisation" in selection)) continue;
      for (const [path, content] of filesOf(directory)) {
        assert.ok(!Buffer.from(content).includes("Other"), path);
      }
    }
  });

  it("names an entry that was changed, and nothing else", async () => {
    await world.append(20);
    await world.publish();
    const directory = await world.export();
    const file = join(directory, "entries");
    const entries = readFileSync(file, "latin1");
    const tamper = (from: string, to: string) => {
      writeFileSync(file, entries.replace(from, to), "latin1");
      return told(verify(directory));
    };
    assert.deepEqual(tamper("<message>Other 4 ", "<message>Other 5 "), ["BODY_CHANGED 4-4"]);
    assert.deepEqual(tamper('"correlationUid":"uid-3"', '"correlationUid":"uid-4"'), ["LEAF_CHANGED 6-6"]);
    const [, third = ""] = /\n(3 [0-9a-f]{32}.*\n.*\n.*\n\n)/.exec(entries) ?? [];
    assert.deepEqual(tamper(third, ""), ["MISSING 3-3"]);
    assert.deepEqual(tamper(third, third + third), ["MISPLACED 3-3"]);
    assert.deepEqual(tamper("\n3 ", "\n03 "), ["FORMAT", "MISSING 3-20"].sort().reverse());
    assert.match(verify(directory).findings.at(-1)!.text, /^entries, octet \d+: this is no line with index/);
  });

  it("without the middle of its entries names one range, not lines", async () => {
    await world.append(300);
    await world.publish();
    const directory = await world.export();
    const file = join(directory, "entries");
    const entries = readFileSync(file, "latin1");
    const cut = (from: number, to: number) =>
      entries.slice(0, entries.indexOf(`\n${from} `) + 1) + entries.slice(entries.indexOf(`\n${to} `) + 1);
    writeFileSync(file, cut(20, 280), "latin1");
    assert.deepEqual(told(verify(directory)), ["MISSING 20-279"]);
  });

  it("is refused with another key, and with an older checkpoint of another tree", async () => {
    await world.append(10);
    const before = await world.publish();
    await world.append(10);
    await world.publish();
    const directory = await world.export({ checkpoints: [before] });
    assert.deepEqual(told(verify(directory, { ...TRUST, checkpoints: [{ name: "mine", note: before }] })), []);
    const other = logSigner(NAME, new Uint8Array(32).fill(9));
    assert.deepEqual(told(verify(directory, { ...TRUST, keys: [other.key] })), ["NOT_SIGNED", "NOT_SIGNED"]);
    const elsewhere = await BundleWorld.open();
    await elsewhere.append(5);
    const forked = await elsewhere.publish();
    await elsewhere.close();
    assert.deepEqual(told(verify(directory, { ...TRUST, checkpoints: [{ name: "mine", note: forked }] })), [
      "FORKED 0-5",
    ]);
  });

  it("follows the log from one key to the next", async () => {
    const next = logSigner(NAME, new Uint8Array(32).fill(2));
    await world.append(5);
    await world.publish();
    world.signers = [SIGNER, next];
    await world.append(5);
    await world.publish();
    world.signers = [next];
    await world.append(5);
    await world.publish();
    for (const selection of [{}, { organisation: "Utility" }]) {
      const directory = await world.export(selection);
      for (const key of [SIGNER.key, next.key]) {
        const verdict = verify(directory, { ...TRUST, keys: [key] });
        assert.deepEqual([told(verdict), verdict.signedBy], [[], [formatVerifierKey(next.key)]]);
      }
      const stranger = logSigner(NAME, new Uint8Array(32).fill(3));
      assert.ok(told(verify(directory, { ...TRUST, keys: [stranger.key] })).includes("NOT_SIGNED"));
    }
  });

  it("with one octet changed anywhere is refused", async () => {
    await changeOctets(world, 20, 300);
  });

  it("has a manifest that is read as it is written, and no other", () => {
    const manifest = { from: 1, to: 20, organisation: 'a "name"', device: undefined, uid: "x|||y" };
    assert.deepEqual(parseManifest(formatManifest(manifest)), {
      from: 1,
      to: 20,
      organisation: 'a "name"',
      uid: "x|||y",
    });
    for (const text of [
      "",
      "x",
      formatManifest(manifest).replace("to 20", "to 020"),
      `${formatManifest(manifest)}more\n`,
    ]) {
      assert.throws(() => parseManifest(text), { code: "BUNDLE_INVALID" });
    }
  });
});

describe("the file of the log's keys", () => {
  it("is made once, holds two keys at most, and is noticed when another process changes it", async () => {
    const world = await BundleWorld.open();
    const file = join(world.directory, "log.key");
    const keys = LogKeys.open(file, systemRandom, NAME);
    const again = LogKeys.open(file, systemRandom);
    assert.deepEqual([again.name, again.signers()[0]?.key], [NAME, keys.signers()[0]?.key]);
    const added = again.add(systemRandom);
    assert.throws(() => again.add(systemRandom), { code: "VAULT_UNREADABLE" });
    assert.deepEqual(again.signers()[1]?.key, added.key);
    const [first] = keys.signers();
    assert.deepEqual(again.retire().key, first?.key);
    assert.throws(() => again.retire(), { code: "VAULT_UNREADABLE" });
    writeFileSync(file, "{}");
    assert.throws(() => LogKeys.existing(file), /does not hold the keys of a log/);
    await world.close();
  });
});
