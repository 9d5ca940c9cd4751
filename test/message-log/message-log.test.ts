import assert from "node:assert/strict";
import { encodeLeaf, hashLeaf, type Leaf } from "../../src/domain/log-leaf.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { sha256Hex } from "../../src/lib/sha256.ts";
import { type LogEntry, MessageLog } from "../../src/message-log/message-log.ts";
import { type LogFinding, MOST_FINDINGS, verifyMessageLog } from "../../src/message-log/verify.ts";
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
    assert.deepEqual([...row.stored], [...body]);
    assert.deepEqual(row.leaf, {
      version: 1,
      index: 0,
      timeMs: 1_700_000_000_000,
      organisation: "Utility",
      user: "clerk",
      application: "ERP",
      service: "adhoc",
      operation: "SynchronizeTime",
      device: "E1",
      correlationUid: "uid",
      direction: "in",
      bodySha256: sha256Hex(body),
      storedSha256: sha256Hex(body),
      redactions: 0,
    });
    assert.deepEqual([...row.leafHash], [...hashLeaf(encodeLeaf(row.leaf))]);
  });

  it("stores the redacted message and the hash of the original", async () => {
    const redacted = { body: Buffer.from("<key>***</key>"), count: 1 };
    await log.append(entry("<key>secret</key>", { redacted }));
    const [row] = await store.messageLog.read(0, 10);
    assert.equal(Buffer.from(row!.stored).toString(), "<key>***</key>");
    assert.equal(row!.leaf.bodySha256, sha256Hex(Buffer.from("<key>secret</key>")));
    assert.equal(row!.leaf.storedSha256, sha256Hex(redacted.body));
    assert.equal(row!.leaf.redactions, 1);
    assert.deepEqual(await findings(), []);
  });

  it("gives entries that are appended at the same time places without gaps, those of one call together", async () => {
    const pairs = Array.from({ length: 300 }, (_, i) => [entry(`question ${i}`), entry(`answer ${i}`)] as const);
    await Promise.all(pairs.map((pair) => log.append(...pair)));
    const texts = (await store.messageLog.read(0, 1000)).map(({ stored }) => Buffer.from(stored).toString());
    assert.deepEqual(
      texts,
      pairs.flat().map(({ body }) => Buffer.from(body).toString()),
    );
    assert.deepEqual(await verifyMessageLog(store.messageLog), { entries: 600, findings: [] });
  });

  it("has no entry of a transaction that failed, and no gap after it", async () => {
    const broken = { ...entry("b"), direction: "sideways" as "in" };
    await assert.rejects(log.append(entry("a"), broken), { code: "SERVICE_BUSY" });
    await log.append(entry("c"));
    const texts = (await store.messageLog.read(0, 10)).map(({ stored }) => Buffer.from(stored).toString());
    assert.deepEqual(texts, ["c"]);
    assert.deepEqual(await findings(), []);
  });

  describe("when it is verified", () => {
    beforeEach(() => log.append(...["a", "b", "c", "d"].map((text) => entry(text))));

    const change = (index: number, columns: Record<string, SqlValue>) =>
      store.sql.run(
        `update message_log set ${Object.keys(columns).map((column) => `${column} = ?`)} where leaf_index = ?`,
        ...Object.values(columns),
        index,
      );

    it("names an entry whose message was changed", async () => {
      change(2, { body: Buffer.from("x") });
      assert.deepEqual(await findings(), [{ index: 2, defect: "BODY_CHANGED" }]);
    });

    it("names an entry any of whose fields was changed", async () => {
      const columns: Record<string, SqlValue> = {
        time_ms: 1,
        organisation: "Other",
        user_name: "x",
        application: "x",
        service: "x",
        operation: "x",
        device: "x",
        correlation_uid: "x",
        direction: "out",
      };
      for (const [column, value] of Object.entries(columns)) {
        const [before] = store.sql.rows(`select ${column} from message_log where leaf_index = 1`);
        change(1, { [column]: value });
        assert.deepEqual(await findings(), [{ index: 1, defect: "LEAF_CHANGED" }], column);
        change(1, before!);
      }
      assert.deepEqual(await findings(), []);
    });

    it("names an entry whose message and stored hash were changed to fit each other", async () => {
      change(1, { body: Buffer.from("x"), stored_sha256: sha256Hex(Buffer.from("x")) });
      assert.deepEqual(await findings(), [
        { index: 1, defect: "LEAF_CHANGED" },
        { index: 1, defect: "REDACTIONS_INCONSISTENT" },
      ]);
    });

    it("names entries that are missing in the middle, at the beginning and at the end", async () => {
      store.sql.run("delete from message_log where leaf_index in (0, 1, 3)");
      assert.deepEqual(await verifyMessageLog(store.messageLog), {
        entries: 1,
        findings: [0, 1, 3].map((index) => ({ index, defect: "MISSING" })),
      });
    });

    it("names entries that changed places", async () => {
      change(1, { leaf_index: 99 });
      change(2, { leaf_index: 1 });
      change(99, { leaf_index: 2 });
      assert.deepEqual(await findings(), [
        { index: 1, defect: "LEAF_CHANGED" },
        { index: 2, defect: "LEAF_CHANGED" },
      ]);
    });

    it("names an entry that was put behind the last one that was counted", async () => {
      const [last] = await store.messageLog.read(3, 1);
      const leaf: Leaf = { ...last!.leaf, index: 4 };
      store.sql.run(
        "insert into message_log select 4 as leaf_index, version, time_ms, organisation, user_name, application, service, operation, device, correlation_uid, direction, body_sha256, stored_sha256, redactions, body, leaf_hash from message_log where leaf_index = 3",
      );
      change(4, { leaf_hash: hashLeaf(encodeLeaf(leaf)) });
      assert.deepEqual(await findings(), [{ index: 4, defect: "UNCOUNTED" }]);
    });

    it("names an entry of a version that it does not know", async () => {
      change(0, { version: 2 });
      assert.deepEqual(await findings(), [{ index: 0, defect: "UNKNOWN_VERSION" }]);
    });

    it("stops counting when nearly everything is gone", async () => {
      store.sql.run("update message_log_head set next_index = 1000000000");
      assert.equal((await findings()).length, MOST_FINDINGS);
    });
  });
});
