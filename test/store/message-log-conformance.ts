import assert from "node:assert/strict";
import { encodeLeaf, hashLeaf, type Leaf } from "../../src/domain/log-leaf.ts";
import { ManualClock } from "../../src/lib/clock.ts";
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
      const leaf = { ...entry.leaf, index: 0 };
      assert.deepEqual(await store.messageLog.read(0, 10), [
        { leaf, stored: entry.stored, leafHash: hashLeaf(encodeLeaf(leaf)) },
      ]);
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
        const [question, answer] = entries.slice(at, at + 2).map(({ stored }) => Buffer.from(stored).toString());
        assert.equal(answer, question?.replace("question", "answer"));
      }
    });

    it("gives the messages between us and one device, the newest first, in pages", async () => {
      const entry = (text: string, leaf: Partial<Leaf>) => {
        const made = newLogEntry(text);
        return { ...made, leaf: { ...made.leaf, ...leaf } };
      };
      await store.messageLog.append([
        entry("asked", { device: "E1", direction: "to-device" }),
        entry("of another", { device: "E2", direction: "from-device" }),
        entry("of a caller", { device: "E1", direction: "in" }),
        entry("said", { device: "E1", direction: "from-device" }),
        entry("asked again", { device: "E1", direction: "to-device" }),
      ]);
      await sequence();
      const texts = async (offset: number, limit: number) =>
        (await store.messageLog.ofDevice("E1", { offset, limit })).map(({ stored }) => Buffer.from(stored).toString());
      assert.deepEqual(await texts(0, 10), ["asked again", "said", "asked"]);
      assert.deepEqual(await texts(1, 1), ["said"]);
      assert.deepEqual(await texts(3, 10), []);
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
