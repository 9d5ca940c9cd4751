import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { commit, type Leaf } from "../../src/domain/log-leaf.ts";
import { concatBytes } from "../../src/lib/bytes.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { type LogEntry, MessageLog } from "../../src/message-log/message-log.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { type LogFinding, MOST_FINDINGS, verifyMessageLog } from "../../src/message-log/verify.ts";
import { changeLeaf, changePack, changePayload, removeEntry } from "../store/packed-log.ts";
import { openTemporaryStore, type SqlValue, type TemporaryStore } from "../store/temporary-store.ts";

const CALLER = { organisation: "Utility", userName: "clerk", applicationName: "ERP" };

function entry(text: string, fields: Partial<LogEntry> = {}): LogEntry {
  const body = Buffer.from(text);
  return { direction: "in", service: "adhoc", operation: "SynchronizeTime", caller: CALLER, body, ...fields };
}

describe("the message log", () => {
  let store: TemporaryStore;
  let log: MessageLog;

  beforeEach(async () => {
    store = await openTemporaryStore();
    log = new MessageLog(store.messageLog, new ManualClock(1_700_000_000_000));
  });

  afterEach(() => store.close());

  const findings = async (): Promise<readonly LogFinding[]> => (await verifyMessageLog(store.messageLog)).findings;

  it("keeps the bytes as they were on the wire, with their hash", async () => {
    const body = Buffer.from([0, 255, 10, 13, 32]);
    await log.append(entry("", { body, device: "E1", correlationUid: "uid" }));
    const [row] = await store.messageLog.read(0, 10);
    assert.ok(row);
    assert.deepEqual([...row.stored!], [...body]);
    const hash = createHash("sha256").update(row.salt!).update(body).digest("hex");
    assert.equal(row.salt?.length, 16);
    assert.deepEqual(row.leaf, {
      version: 2,
      index: 0,
      class: "message",
      timeMs: 1_700_000_000_000,
      organisation: "Utility",
      user: "clerk",
      application: "ERP",
      service: "adhoc",
      operation: "SynchronizeTime",
      device: "E1",
      correlationUid: "uid",
      direction: "in",
      bodyHash: hash,
      storedHash: hash,
      redactions: 0,
    });
  });

  it("stores the redacted message, and of the original a hash that nobody can try out", async () => {
    const redacted = { body: Buffer.from("<key>***</key>"), count: 1 };
    await log.append(entry("<key>secret</key>", { redacted }));
    const [row] = await store.messageLog.read(0, 10);
    assert.equal(Buffer.from(row!.stored!).toString(), "<key>***</key>");
    const hashed = (salt: Uint8Array, text: string) => Buffer.from(commit(salt, Buffer.from(text))).toString("hex");
    assert.equal(row!.leaf.bodyHash, hashed(row!.originalSalt!, "<key>secret</key>"));
    assert.equal(row!.leaf.storedHash, hashed(row!.salt!, "<key>***</key>"));
    assert.notEqual(hashed(row!.salt!, "<key>secret</key>"), row!.leaf.bodyHash);
    assert.equal(row!.leaf.redactions, 1);
    assert.deepEqual(await findings(), []);
  });

  it("gives entries that are appended at the same time places without gaps, those of one call together", async () => {
    const pairs = Array.from({ length: 300 }, (_, i) => [entry(`question ${i}`), entry(`answer ${i}`)] as const);
    await Promise.all(pairs.map((pair) => log.append(...pair)));
    const texts = (await store.messageLog.read(0, 1000)).map(({ stored }) => Buffer.from(stored!).toString());
    assert.deepEqual(
      texts,
      pairs.flat().map(({ body }) => Buffer.from(body).toString()),
    );
    assert.deepEqual(await verifyMessageLog(store.messageLog), { entries: 600, findings: [] });
  });

  it("misses nothing that comes in while it is verified", async () => {
    await log.append(entry("first"));
    const positions = store.messageLog.positions.bind(store.messageLog);
    const read = store.messageLog.read.bind(store.messageLog);
    const busy = {
      ...store.messageLog,
      positions: async () => {
        const before = await positions();
        await log.append(entry("before the page is read"));
        return before;
      },
      read: async (from: number, limit: number) => {
        const page = await read(from, limit);
        await log.append(entry("after the page was read"));
        return page;
      },
    };
    assert.deepEqual(await verifyMessageLog(busy), { entries: 2, findings: [] });
  });

  it("has no entry of a transaction that failed, and no gap after it", async () => {
    store.sql.run("create trigger broken before insert on message_log_pack begin select raise(abort, 'disk'); end");
    await assert.rejects(log.append(entry("a"), entry("b")), { code: "SERVICE_BUSY" });
    store.sql.run("drop trigger broken");
    await log.append(entry("c"));
    const texts = (await store.messageLog.read(0, 10)).map(({ stored }) => Buffer.from(stored!).toString());
    assert.deepEqual(texts, ["c"]);
    assert.deepEqual(await findings(), []);
  });

  describe("when it is verified", () => {
    beforeEach(async () => {
      await log.append(...["a", "b", "c", "d"].map((text) => entry(text)));
      await growLog(store.messageLog);
    });

    it("names an entry whose message was changed", async () => {
      changePayload(store.sql, 2, Buffer.from("x"));
      assert.deepEqual(await findings(), [{ index: 2, defect: "BODY_CHANGED" }]);
    });

    it("names an entry any of whose fields was changed", async () => {
      const [before] = await store.messageLog.leaves(1, 1);
      const members: Partial<Record<keyof Leaf, SqlValue>> = {
        timeMs: 1,
        organisation: "Other",
        user: "x",
        application: "x",
        service: "x",
        operation: "x",
        device: "x",
        correlationUid: "x",
        direction: "out",
        class: "deed",
        version: 1,
      };
      for (const [member, value] of Object.entries(members)) {
        changeLeaf(store.sql, 1, { [member]: value });
        assert.deepEqual(await findings(), [{ index: 1, defect: "LEAF_CHANGED" }], member);
        changeLeaf(store.sql, 1, { [member]: before![member as keyof Leaf] });
      }
      assert.deepEqual(await findings(), []);
    });

    it("names an entry whose message and stored hash were changed to fit each other", async () => {
      const [entry] = await store.messageLog.read(1, 1);
      changePayload(store.sql, 1, Buffer.from("x"));
      changePack(store.sql, 1, ({ commitments }, at) =>
        commitments.set(commit(entry!.salt!, Buffer.from("x")), at * 32),
      );
      assert.deepEqual(await findings(), [{ index: 1, defect: "LEAF_CHANGED" }]);
    });

    it("names entries that are missing in the middle, at the beginning and at the end", async () => {
      for (const index of [0, 1, 3]) removeEntry(store.sql, index);
      assert.deepEqual(await verifyMessageLog(store.messageLog), {
        entries: 1,
        findings: [0, 1, 3].map((index) => ({ index, defect: "MISSING" })),
      });
    });

    it("names entries whose leaf, or all of whose leaves, cannot be read any more", async () => {
      changeLeaf(store.sql, 1, { organisation: 5 });
      assert.deepEqual(await findings(), [{ index: 1, defect: "MISSING" }]);
      store.sql.run("update message_log_pack set leaves = '['");
      assert.deepEqual(
        (await findings()).map(({ index, defect }) => `${index} ${defect}`),
        [0, 1, 2, 3].map((index) => `${index} MISSING`),
      );
    });

    it("names entries that changed places", async () => {
      changePack(store.sql, 1, (pack) => {
        const [a, b, c, d] = pack.leaves;
        pack.leaves = [a!, c!, b!, d!];
        const hash = (at: number) => pack.commitments.subarray(32 * at, 32 * at + 32);
        pack.commitments = concatBytes(hash(0), hash(2), hash(1), hash(3));
      });
      assert.deepEqual(await findings(), [
        { index: 1, defect: "LEAF_CHANGED" },
        { index: 2, defect: "LEAF_CHANGED" },
      ]);
    });

    it("names an entry whose hash in the tree was changed, in one place or the other", async () => {
      for (const level of [-1, 0]) {
        const [{ hashes }] = store.sql.rows<{ hashes: Uint8Array }>(
          "select hashes from log_tile where level = ?",
          level,
        ) as [{ hashes: Uint8Array }];
        const changed = hashes.map((octet, at) => (at === 3 * 32 ? octet ^ 1 : octet));
        store.sql.run("update log_tile set hashes = ? where level = ?", changed, level);
        assert.deepEqual(await findings(), [{ index: 3, defect: "TREE_CHANGED" }]);
        store.sql.run("update log_tile set hashes = ? where level = ?", hashes, level);
      }
    });

    it("names an entry that was put behind the last one that was counted", async () => {
      changePack(store.sql, 3, (pack) => {
        pack.leaves.push(pack.leaves[3]!);
        pack.entries = concatBytes(pack.entries, pack.entries.subarray(96));
        pack.commitments = concatBytes(pack.commitments, pack.commitments.subarray(96));
      });
      assert.deepEqual(await findings(), [{ index: 4, defect: "UNCOUNTED" }]);
    });

    it("names an entry of a version that it does not know", async () => {
      changeLeaf(store.sql, 0, { version: 3 });
      assert.deepEqual(await findings(), [{ index: 0, defect: "UNKNOWN_VERSION" }]);
    });

    it("stops counting when nearly everything is gone", async () => {
      store.sql.run("update message_log_head set next_index = 1000000000");
      assert.equal((await findings()).length, MOST_FINDINGS);
    });
  });
});
