import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { hashLeaf } from "../../src/domain/log-leaf.ts";
import { ENTRIES, growTree } from "../../src/domain/log-tree.ts";
import { formatTreeHead } from "../../src/message-log/checkpoint.ts";
import { formatNote, formatVerifierKey } from "../../src/message-log/note.ts";
import { rootOf, tilePath } from "../../src/message-log/tree.ts";
import { verifyDirectory } from "../../src/message-log/verify-directory.ts";
import { BundleWorld, NAME, SIGNER, TRUST, told, verify } from "./bundle-world.ts";

const PYTHON_VERIFIER = fileURLToPath(new URL("../../docs/verify_bundle.py", import.meta.url));
/** Small bundles are cut as well. */
const THREADS = { most: 3, leastOctets: 4_000 };

describe("a bundle in a directory", () => {
  let world: BundleWorld;

  beforeEach(async () => {
    world = await BundleWorld.open();
  });

  afterEach(() => world.close());

  /** The verdict of threads, which is that of one. */
  async function verdict(directory: string) {
    const inThreads = await verifyDirectory(directory, TRUST, THREADS);
    assert.deepEqual(inThreads, verify(directory));
    return { entries: inThreads.entries, told: told(inThreads) };
  }

  it("is accepted by several threads together", async () => {
    await world.append(60);
    await world.publish();
    assert.deepEqual(await verdict(await world.export()), { entries: 61, told: [] });
    assert.deepEqual(await verdict(await world.export({ organisation: "Utility" })), { entries: 31, told: [] });
    assert.deepEqual(await verdict(await world.export({ from: 10, to: 50 })), { entries: 41, told: [] });
  });

  it("has its first wrong entry named, wherever it is cut", async () => {
    await world.append(60);
    await world.publish();
    const directory = await world.export();
    const entries = readFileSync(join(directory, "entries"));
    for (const index of [1, 5, 20, 21, 40, 41, 59]) {
      const changed = Buffer.from(entries);
      const at = changed.indexOf(`<message>`, changed.indexOf(`\n${index} `)) + 9;
      changed[at]! ^= 1;
      writeFileSync(join(directory, "entries"), changed);
      assert.deepEqual((await verdict(directory)).told, [`BODY_CHANGED ${index}-${index}`]);
    }
    const second = entries.indexOf("\n30 ") + 1;
    const third = entries.indexOf("\n31 ") + 1;
    writeFileSync(join(directory, "entries"), Buffer.concat([entries.subarray(0, second), entries.subarray(third)]));
    assert.deepEqual((await verdict(directory)).told, ["MISSING 30-30"]);
    writeFileSync(join(directory, "entries"), entries.subarray(0, -10));
    assert.deepEqual((await verdict(directory)).told.slice(-1), ["FORMAT"]);
  });

  it("is not misled by messages that look like entries", async () => {
    const body = Buffer.from(`${'\n7 - 20 4\n{"application":"x"\nabc'.repeat(40)}\n`);
    await world.append(20, { body });
    await world.publish();
    assert.deepEqual(await verdict(await world.export()), { entries: 21, told: [] });
  });

  it("may have lost payloads that were erased, told by an entry that another thread reads", async () => {
    await world.append(60);
    const range = { class: "message", from: 0, to: 30, beforeMs: world.clock.now() } as const;
    const { ownEntry } = await import("../../src/message-log/key-list.ts");
    await world.store.messageLog.erase(range, [ownEntry("erased", range, world.clock.now())]);
    await world.publish();
    assert.deepEqual(await verdict(await world.export()), { entries: 62, told: [] });
  });

  describe("with a leaf that is not written as it must be", () => {
    const hex = (text: string) => createHash("sha256").update(text).digest("hex");
    const salt = "00112233445566778899aabbccddeeff";
    const hash = createHash("sha256").update(Buffer.from(salt, "hex")).update("payload").digest("hex");
    const leafWith = (change: (leaf: string) => string) =>
      change(
        `{"application":"ERP","bodyHash":"${hash}","class":"message","correlationUid":"u","device":"E1","direction":"in",` +
          `"operation":"o","organisation":"Utility","redactions":0,"service":"s","storedHash":"${hash}","timeMs":1,` +
          '"user":"clerk","version":2}',
      );

    /** A bundle whose tree has these leaves, signed by the log's own key: its operator's forgery. */
    async function forged(leaf: string): Promise<string> {
      const tiles = growTree(0, [], [hashLeaf(Buffer.from(leaf))]);
      const known = new Map(tiles.map(({ level, number, hashes }) => [`${level}/${number}`, hashes]));
      const root = rootOf(1, (level, number) => known.get(`${level}/${number}`));
      const text = formatTreeHead({ origin: NAME, size: 1, root });
      const directory = join(world.directory, hex(leaf));
      const files: [string, string | Uint8Array][] = [
        ["manifest", "metergate-log-bundle/1\nfrom 0\nto 1\n"],
        ["checkpoint", formatNote({ text, signatures: [await SIGNER.sign(text)] })],
        ["entries", `0 ${salt} ${Buffer.from(leaf).length} 7\n${leaf}\npayload\n`],
        ...tiles
          .filter(({ level }) => level > ENTRIES)
          .map(({ level, number, hashes }): [string, Uint8Array] => [tilePath(level, number, 1), hashes]),
      ];
      for (const [name, content] of files) {
        mkdirSync(dirname(join(directory, name)), { recursive: true });
        writeFileSync(join(directory, name), content);
      }
      return directory;
    }

    const python = (directory: string) =>
      spawnSync("python3", [PYTHON_VERIFIER, directory, "--key", formatVerifierKey(SIGNER.key)], { encoding: "utf8" });

    it("is accepted as long as it is canonical", async () => {
      for (const text of ["", "é€😀", 'a\\"b', "\\u0001\\n\\\\", "\u007f\u2028"]) {
        const directory = await forged(leafWith((leaf) => leaf.replace('"user":"clerk"', `"user":"${text}"`)));
        assert.deepEqual(told(verify(directory)), [], text);
        assert.match(python(directory).stdout, /accepted\n$/, text);
      }
    });

    for (const [what, change] of Object.entries<(leaf: string) => string>({
      "a member twice": (leaf) => leaf.replace('"class"', '"class":"log","class"'),
      "the last member twice": (leaf) => leaf.replace('"version":2', '"user":"other","version":2'),
      "a member that nobody knows": (leaf) => leaf.replace('"class"', '"bribe":"x","class"'),
      "a member less": (leaf) => leaf.replace('"device":"E1",', ""),
      "members in another order": (leaf) =>
        leaf.replace('"operation":"o","organisation":"Utility"', '"organisation":"Utility","operation":"o"'),
      "white space": (leaf) => leaf.replace('"device":', '"device": '),
      "an escape that is not needed": (leaf) => leaf.replace("clerk", "cl\\u0065rk"),
      "half of a surrogate": (leaf) => leaf.replace("clerk", "\\ud800"),
      "a fraction": (leaf) => leaf.replace('"timeMs":1', '"timeMs":1.5'),
      "a number that is too large": (leaf) => leaf.replace('"timeMs":1', '"timeMs":9007199254740993'),
      "a text in place of a number": (leaf) =>
        leaf.replace('"redactions":0', '"redactions":"0"').replace('"timeMs":1', '"timeMs":true'),
      "no object in it": () => "[]",
      "no JSON in it": (leaf) => leaf.slice(1),
    })) {
      it(`is refused by both verifiers: ${what}`, async () => {
        const directory = await forged(leafWith(change));
        assert.deepEqual(told(verify(directory)), ["LEAF_INVALID 0-0"]);
        assert.match(python(directory).stdout, /^entry 0: the leaf is not written as it must be\n(.*\n)*.*REFUSED\n$/);
      });
    }
  });
});

describe("what the service publishes", () => {
  let world: BundleWorld;
  let directory: string;

  before(async () => {
    world = await BundleWorld.open();
    await world.append(700);
    await world.publish();
    directory = join(world.directory, "log");
  });

  after(() => world.close());

  const verdict = async (trust = TRUST) => {
    const { entries, ...rest } = await verifyDirectory(directory, trust);
    return { entries, told: told({ entries, ...rest }) };
  };

  it("is verified without a bundle", async () => {
    assert.deepEqual(await verdict(), { entries: 701, told: [] });
    const early = { name: "taken home", note: readFileSync(join(directory, "checkpoint"), "utf8") };
    await world.append(10);
    await world.publish();
    assert.deepEqual(await verdict({ ...TRUST, checkpoints: [early] }), { entries: 711, told: [] });
    const other = { ...SIGNER.key, keyId: new Uint8Array(4) };
    assert.deepEqual((await verdict({ ...TRUST, keys: [other] })).told, ["NOT_SIGNED"]);
    assert.deepEqual((await verdict({ ...TRUST, keys: [] })).told, ["NOT_SIGNED"]);
  });

  it("has every file named that was changed or is missing", async () => {
    const paths = readdirSync(join(directory, "tile"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    assert.ok(paths.length >= 7, paths.join());
    const needed = paths.filter((path) => !/\.p\/(189|1)$/.test(path) || path.endsWith("/2.p/199"));
    for (const path of needed) {
      const content = readFileSync(path);
      if (/002\.p\/(189)$/.test(path)) continue;
      const changed = Buffer.from(content);
      changed[changed.length - 1]! ^= 1;
      writeFileSync(path, changed);
      assert.notDeepEqual((await verdict()).told, [], path);
      rmSync(path);
      assert.notDeepEqual((await verdict()).told, [], path);
      writeFileSync(path, content);
    }
    assert.deepEqual((await verdict()).told, []);
  });
});
