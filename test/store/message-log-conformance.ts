import assert from "node:assert/strict";
import { commit, entryOf, readDraft } from "../../src/domain/log-leaf.ts";
import { ENTRIES, growTree, type Tile } from "../../src/domain/log-tree.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { sha256Hex } from "../../src/lib/sha256.ts";
import type { Store } from "../../src/store/store.ts";
import { newLogEntry, type OpenStore } from "./conformance.ts";

/** What the message log does in every store. */
export function describeMessageLog(name: string, open: OpenStore): void {
  describe(`the message log over ${name}`, () => {
    let store: Store;

    beforeEach(async () => {
      store = await open(new ManualClock(1000));
    });

    afterEach(() => store.close());

    /** Puts everything in sequence, as the task does that is there for it. */
    async function sequence(): Promise<void> {
      while ((await store.messageLog.sequence(100)) === 100);
    }

    it("gives back what was put in, with its place and the hash of its leaf", async () => {
      const entry = newLogEntry("€");
      await store.messageLog.append([entry]);
      await sequence();
      const [salt, stored] = [entry.salted.subarray(0, 16), new Uint8Array(Buffer.from("€"))];
      const hash = Buffer.from(commit(salt, stored)).toString("hex");
      const leaf = readDraft(entry.leaf, 0, hash);
      assert.deepEqual([leaf.bodyHash, leaf.storedHash, leaf.operation], [hash, hash, "SynchronizeTime"]);
      assert.deepEqual(await store.messageLog.read(0, 10), [{ leaf, stored, salt, originalSalt: undefined }]);
      assert.deepEqual(await store.messageLog.leaves(0, 10), [leaf]);
    });

    it("keeps commitment and salt of a message whose secrets were replaced", async () => {
      const originalSalt = new Uint8Array(16).fill(7);
      const bodyHash = Buffer.from(commit(originalSalt, Buffer.from("secret"))).toString("hex");
      const entry = newLogEntry("***", { redactions: 1, bodyHash });
      await store.messageLog.append([{ ...entry, originalSalt }]);
      await sequence();
      const [found] = await store.messageLog.read(0, 10);
      assert.equal(found?.leaf.bodyHash, bodyHash);
      assert.equal(found.leaf.storedHash, sha256Hex(entry.salted));
      assert.deepEqual(found.salt, entry.salted.slice(0, 16));
      assert.deepEqual(found.originalSalt, originalSalt);
      assert.equal(Buffer.from(found.stored!).toString(), "***");
    });

    /** The tiles of a level, all of them. */
    const tilesOf = (level: number) => store.messageLog.tiles(level, 0, 100);

    it("grows a tree out of what is in sequence, whatever the portions", async () => {
      await store.messageLog.append(Array.from({ length: 600 }, (_, i) => newLogEntry(String(i))));
      await sequence();
      assert.deepEqual(await store.messageLog.positions(), { sequenced: 600, integrated: 0, signed: 0 });
      const portions = [await store.messageLog.integrate(1), await store.messageLog.integrate(300)];
      portions.push(await store.messageLog.integrate(300), await store.messageLog.integrate(300));
      assert.deepEqual(portions, [1, 300, 299, 0]);
      assert.deepEqual(await store.messageLog.positions(), { sequenced: 600, integrated: 600, signed: 0 });
      const entries = (await store.messageLog.leaves(0, 1000)).map(entryOf);
      const expected = growTree(0, [], entries);
      const order = (tiles: readonly Tile[]) =>
        tiles.map(({ level, number, hashes }) => ({ level, number, hashes: [...hashes] }));
      for (const level of [ENTRIES, 0, 1, 2]) {
        const these = expected.filter((tile) => tile.level === level).sort((a, b) => a.number - b.number);
        assert.deepEqual(order(await tilesOf(level)), order(these));
      }
      assert.deepEqual(order(await store.messageLog.tiles(0, 1, 1)), order([(await tilesOf(0))[1]!]));
    });

    it("keeps checkpoints, one of a size, of no more than there is in the tree", async () => {
      const { messageLog } = store;
      await messageLog.append([newLogEntry("a"), newLogEntry("b"), newLogEntry("c")]);
      await sequence();
      await messageLog.integrate(2);
      await messageLog.putCheckpoint({ size: 1, note: "one", madeMs: 1 });
      await messageLog.putCheckpoint({ size: 2, note: "two", madeMs: 2 });
      await messageLog.putCheckpoint({ size: 3, note: "three", madeMs: 3 });
      assert.deepEqual(await messageLog.positions(), { sequenced: 3, integrated: 2, signed: 2 });
      const timestamp = { note: "one", response: Uint8Array.of(48) };
      await messageLog.putCheckpoint({ size: 1, note: "one, seen", madeMs: 1, timestamp });
      const [first, second] = [
        { size: 1, note: "one, seen", madeMs: 1, timestamp },
        { size: 2, note: "two", madeMs: 2 },
      ];
      assert.deepEqual(await messageLog.checkpoints(0, 10), [first, second]);
      assert.deepEqual(await messageLog.checkpoints(2, 10), [second]);
      assert.deepEqual(await messageLog.checkpointUpTo(1), first);
      assert.deepEqual(await messageLog.checkpointUpTo(99), second);
      assert.equal(await messageLog.checkpointUpTo(0), undefined);
      assert.equal((await messageLog.positions()).signed, 2);
    });

    const texts = (entries: readonly { stored: Uint8Array | undefined }[]) =>
      entries.map(({ stored }) => (stored ? Buffer.from(stored).toString() : undefined));

    it("finds entries by what their leaves say", async () => {
      await store.messageLog.append([
        newLogEntry("a", { organisation: "A", device: "E1", correlationUid: "1", timeMs: 10 }),
        newLogEntry("b", { organisation: "B", device: "E1", correlationUid: "2", timeMs: 20, class: "deed" }),
        newLogEntry("c", { organisation: "A", device: "E2", correlationUid: "1", timeMs: 30, class: "log" }),
      ]);
      await sequence();
      const found = async (query: Parameters<typeof store.messageLog.find>[0], from = 0, limit = 10) =>
        texts(await store.messageLog.find(query, from, limit)).join("");
      assert.equal(await found({}), "abc");
      assert.equal(await found({ organisation: "A" }), "ac");
      assert.equal(await found({ organisation: "A" }, 1), "c");
      assert.equal(await found({ organisation: "A" }, 0, 1), "a");
      assert.equal(await found({ organisation: "A", device: "E1" }), "a");
      assert.equal(await found({ organisation: "A", to: 2 }), "a");
      assert.equal(await found({ to: 2 }, 1), "b");
      assert.equal(await found({ to: 1 }, 1), "");
      assert.equal(await found({ correlationUid: "2" }), "b");
      assert.equal(await found({ class: "log" }), "c");
      assert.equal(await found({ class: "deed" }), "b");
      assert.equal(await found({ fromMs: 20 }), "bc");
      assert.equal(await found({ fromMs: 10, beforeMs: 30 }), "ab");
    });

    it("erases payloads of a class in a range that are old enough and not held, and says so with it", async () => {
      const { messageLog } = store;
      await messageLog.append([
        newLogEntry("old", { timeMs: 10 }),
        newLogEntry("held", { timeMs: 10, organisation: "Held", device: "E2" }),
        newLogEntry("another", { timeMs: 10, class: "deed" }),
        newLogEntry("young", { timeMs: 100 }),
        newLogEntry("behind", { timeMs: 10 }),
      ]);
      await sequence();
      const hold = { name: "case 1", reason: "court", sinceMs: 5, organisation: "Held" };
      await messageLog.putHold(hold, [newLogEntry("hold")]);
      await sequence();
      assert.deepEqual(await messageLog.holds(), [hold]);
      const range = { class: "message", from: 0, to: 4, beforeMs: 100 } as const;
      assert.equal(await messageLog.erase(range, [newLogEntry("erased")]), 1);
      await sequence();
      const kept = async () => texts(await messageLog.read(0, 10));
      assert.deepEqual(await kept(), [undefined, "held", "another", "young", "behind", "hold", "erased"]);
      const [gone] = await messageLog.read(0, 1);
      assert.deepEqual([gone?.salt, gone?.originalSalt], [undefined, undefined]);
      assert.match(gone!.leaf.storedHash, /^[0-9a-f]{64}$/);
      assert.equal(await messageLog.removeHold("none", [newLogEntry("x")]), false);
      assert.equal(await messageLog.removeHold("case 1", [newLogEntry("released")]), true);
      assert.deepEqual(await messageLog.holds(), []);
      assert.equal(await messageLog.erase(range, []), 1);
      await sequence();
      assert.deepEqual((await kept()).slice(0, 3), [undefined, undefined, "another"]);
      assert.deepEqual((await kept()).slice(6), ["erased", "released"]);
    });

    it("gives places without gaps, those of one call next to each other in their order", async () => {
      const pairs = Array.from({ length: 50 }, (_, i) => [newLogEntry(`question ${i}`), newLogEntry(`answer ${i}`)]);
      await Promise.all(pairs.map((pair) => store.messageLog.append(pair)));
      await sequence();
      const entries = await store.messageLog.read(0, 1000);
      assert.deepEqual(
        entries.map(({ leaf }) => leaf.index),
        [...Array(100).keys()],
      );
      assert.equal(await store.messageLog.size(), 100);
      for (let at = 0; at < 100; at += 2) {
        const [question, answer] = entries.slice(at, at + 2).map(({ stored }) => Buffer.from(stored!).toString());
        assert.equal(answer, question?.replace("question", "answer"));
      }
    });

    it("gives the messages between us and one device, the newest first, in pages", async () => {
      await store.messageLog.append([
        newLogEntry("asked", { device: "E1", direction: "to-device" }),
        newLogEntry("of another", { device: "E2", direction: "from-device" }),
        newLogEntry("of a caller", { device: "E1", direction: "in" }),
        newLogEntry("said", { device: "E1", direction: "from-device" }),
        newLogEntry("asked again", { device: "E1", direction: "to-device" }),
      ]);
      await sequence();
      const page = async (offset: number, limit: number) =>
        texts(await store.messageLog.ofDevice("E1", { offset, limit }));
      assert.deepEqual(await page(0, 10), ["asked again", "said", "asked"]);
      assert.deepEqual(await page(1, 1), ["said"]);
      assert.deepEqual(await page(3, 10), []);
      const counts = ["E1", "E2", "E3"].map((device) => store.messageLog.countOfDevice(device));
      assert.deepEqual(await Promise.all(counts), [3, 1, 0]);
    });

    it("is read in pages", async () => {
      await store.messageLog.append(["a", "b", "c"].map((text) => newLogEntry(text)));
      await sequence();
      const page = await store.messageLog.read(1, 1);
      assert.deepEqual(
        page.map(({ leaf }) => leaf.index),
        [1],
      );
    });
  });
}
