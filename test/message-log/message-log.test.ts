import assert from "node:assert/strict";
import { ManualClock } from "../../src/lib/clock.ts";
import { encodeLeaf, hashLeaf, sha256Hex } from "../../src/message-log/leaf.ts";
import { type LogEntry, MessageLog, toLeaf } from "../../src/message-log/message-log.ts";
import { type LogFinding, MOST_FINDINGS, verifyMessageLog } from "../../src/message-log/verify.ts";
import { GroupCommit } from "../../src/store/group-commit.ts";
import { readMessageLog } from "../../src/store/message-log-repository.ts";
import { openTemporaryDatabase } from "../store/temporary-database.ts";

const CALLER = { organisation: "Utility", userName: "clerk", applicationName: "ERP" };

function entry(text: string, fields: Partial<LogEntry> = {}): LogEntry {
  const body = Buffer.from(text);
  return { direction: "in", service: "adhoc", operation: "SynchronizeTime", caller: CALLER, body, ...fields };
}

describe("the message log", () => {
  let database: Awaited<ReturnType<typeof openTemporaryDatabase>>;
  let log: MessageLog;

  beforeEach(async () => {
    database = await openTemporaryDatabase();
    log = new MessageLog(database, new GroupCommit(database.knex), new ManualClock(1_700_000_000_000));
  });

  afterEach(() => database.close());

  const findings = async (): Promise<readonly LogFinding[]> => (await verifyMessageLog(database)).findings;

  it("keeps the bytes as they were on the wire, with their hash", async () => {
    const body = Buffer.from([0, 255, 10, 13, 32]);
    await log.append(entry("", { body, device: "E1", correlationUid: "uid" }));
    const [row] = await readMessageLog(database.knex, 0, 10);
    assert.ok(row);
    assert.deepEqual([...row.body], [...body]);
    assert.deepEqual(toLeaf(row), {
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
    assert.deepEqual([...row.leaf_hash], [...hashLeaf(encodeLeaf(toLeaf(row)))]);
  });

  it("stores the redacted message and the hash of the original", async () => {
    const redacted = { body: Buffer.from("<key>***</key>"), count: 1 };
    await log.append(entry("<key>secret</key>", { redacted }));
    const [row] = await readMessageLog(database.knex, 0, 10);
    assert.equal(Buffer.from(row!.body).toString(), "<key>***</key>");
    assert.equal(row!.body_sha256, sha256Hex(Buffer.from("<key>secret</key>")));
    assert.equal(row!.stored_sha256, sha256Hex(redacted.body));
    assert.equal(row!.redactions, 1);
    assert.deepEqual(await findings(), []);
  });

  it("gives entries that are appended at the same time places without gaps, those of one call together", async () => {
    const pairs = Array.from({ length: 300 }, (_, i) => [entry(`question ${i}`), entry(`answer ${i}`)] as const);
    await Promise.all(pairs.map((pair) => log.append(...pair)));
    const texts = (await readMessageLog(database.knex, 0, 1000)).map((row) => Buffer.from(row.body).toString());
    assert.deepEqual(
      texts,
      pairs.flat().map(({ body }) => Buffer.from(body).toString()),
    );
    assert.deepEqual(await verifyMessageLog(database), { entries: 600, findings: [] });
  });

  it("has no entry of a transaction that failed, and no gap after it", async () => {
    const broken = { ...entry("b"), direction: "sideways" as "in" };
    await assert.rejects(log.append(entry("a"), broken), { code: "SERVICE_BUSY" });
    await log.append(entry("c"));
    const texts = (await readMessageLog(database.knex, 0, 10)).map((row) => Buffer.from(row.body).toString());
    assert.deepEqual(texts, ["c"]);
    assert.deepEqual(await findings(), []);
  });

  describe("when it is verified", () => {
    beforeEach(() => log.append(...["a", "b", "c", "d"].map((text) => entry(text))));

    const change = (index: number, columns: Record<string, unknown>) =>
      database.knex("message_log").where({ leaf_index: index }).update(columns);

    it("names an entry whose message was changed", async () => {
      await change(2, { body: Buffer.from("x") });
      assert.deepEqual(await findings(), [{ index: 2, defect: "BODY_CHANGED" }]);
    });

    it("names an entry any of whose fields was changed", async () => {
      const columns: Record<string, unknown> = {
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
        const before = await database.knex("message_log").where({ leaf_index: 1 }).first(column);
        await change(1, { [column]: value });
        assert.deepEqual(await findings(), [{ index: 1, defect: "LEAF_CHANGED" }], column);
        await change(1, before);
      }
      assert.deepEqual(await findings(), []);
    });

    it("names an entry whose message and stored hash were changed to fit each other", async () => {
      await change(1, { body: Buffer.from("x"), stored_sha256: sha256Hex(Buffer.from("x")) });
      assert.deepEqual(await findings(), [
        { index: 1, defect: "LEAF_CHANGED" },
        { index: 1, defect: "REDACTIONS_INCONSISTENT" },
      ]);
    });

    it("names entries that are missing in the middle, at the beginning and at the end", async () => {
      for (const index of [0, 1, 3]) await database.knex("message_log").where({ leaf_index: index }).delete();
      assert.deepEqual(await verifyMessageLog(database), {
        entries: 1,
        findings: [0, 1, 3].map((index) => ({ index, defect: "MISSING" })),
      });
    });

    it("names entries that changed places", async () => {
      await change(1, { leaf_index: 99 });
      await change(2, { leaf_index: 1 });
      await change(99, { leaf_index: 2 });
      assert.deepEqual(await findings(), [
        { index: 1, defect: "LEAF_CHANGED" },
        { index: 2, defect: "LEAF_CHANGED" },
      ]);
    });

    it("names an entry that was put behind the last one that was counted", async () => {
      const row = await database.knex("message_log").where({ leaf_index: 3 }).first();
      const leaf_hash = hashLeaf(encodeLeaf({ ...toLeaf(row), index: 4 }));
      await database.knex("message_log").insert({ ...row, leaf_index: 4, leaf_hash });
      assert.deepEqual(await findings(), [{ index: 4, defect: "UNCOUNTED" }]);
    });

    it("names an entry of a version that it does not know", async () => {
      await change(0, { version: 2 });
      assert.deepEqual(await findings(), [{ index: 0, defect: "UNKNOWN_VERSION" }]);
    });

    it("stops counting when nearly everything is gone", async () => {
      await database.knex("message_log_head").update({ next_index: 1_000_000_000 });
      assert.equal((await findings()).length, MOST_FINDINGS);
    });
  });
});
