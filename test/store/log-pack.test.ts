import assert from "node:assert/strict";
import { deflateRawSync } from "node:zlib";
import { systemClock } from "../../src/lib/clock.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { verifyMessageLog } from "../../src/message-log/verify.ts";
import { openStore } from "../../src/store/open-store.ts";
import { newLogEntry } from "./conformance.ts";
import { openTemporaryStore, type TemporaryStore } from "./temporary-store.ts";

describe("entries of the message log in the embedded database", () => {
  let store: TemporaryStore;

  beforeEach(async () => {
    store = await openTemporaryStore();
  });

  afterEach(() => store.close());

  const packs = () => store.sql.rows<{ first_index: number }>("select first_index from message_log_pack order by 1");

  it("share a row when they are written in one transaction, up to a number and a size", async () => {
    await Promise.all(["a", "b", "c"].map((text) => store.messageLog.append([newLogEntry(text), newLogEntry(text)])));
    await store.messageLog.append(Array.from({ length: 600 }, (_, i) => newLogEntry(`entry ${i}`)));
    await store.messageLog.append(["x", "y", "z"].map((letter) => newLogEntry(letter.repeat(700_000))));
    assert.deepEqual(
      packs().map((row) => row.first_index),
      [0, 6, 518, 606, 608],
    );
    await growLog(store.messageLog);
    assert.deepEqual(await verifyMessageLog(store.messageLog), { entries: 609, findings: [] });
    const around = await store.messageLog.read(516, 4);
    assert.deepEqual(
      around.map(({ leaf, stored }) => `${leaf.index} ${Buffer.from(stored!)}`),
      ["516 entry 510", "517 entry 511", "518 entry 512", "519 entry 513"],
    );
  });

  it("are found by what has marks of JSON in it", async () => {
    const uids = ['a"b', "a\\", '\\"correlationUid":"a"', "é\n\ud800", '"bodyHash":"",'];
    for (const correlationUid of uids) await store.messageLog.append([newLogEntry("x", { correlationUid })]);
    for (const [index, correlationUid] of uids.entries()) {
      const asked = correlationUid.toWellFormed();
      const found = await store.messageLog.find({ correlationUid: asked }, 0, 9);
      assert.deepEqual(
        found.map(({ leaf }) => [leaf.index, leaf.correlationUid]),
        [[index, asked]],
      );
    }
    await growLog(store.messageLog);
    assert.deepEqual(await verifyMessageLog(store.messageLog), { entries: uids.length, findings: [] });
  });

  it("are found by a device that has marks of JSON in it, and only those between it and us", async () => {
    const names = ['","direction":"to-device","operation":"', 'a"', "b\\", "c"];
    for (const device of names) {
      const [to, from] = [
        newLogEntry("x", { device, direction: "to-device" }),
        newLogEntry("x", { device, direction: "in" }),
      ];
      await store.messageLog.append([from, to]);
    }
    for (const [at, device] of names.entries()) {
      const found = await store.messageLog.ofDevice(device, { offset: 0, limit: 9 });
      assert.deepEqual(
        found.map(({ leaf }) => leaf.index),
        [2 * at + 1],
      );
    }
  });

  it("lose the payload of one of them alone", async () => {
    const entries = ["a", "bb", "ccc", "dddd"].map((text, i) => newLogEntry(text, { timeMs: i % 2 === 0 ? 1 : 100 }));
    await store.messageLog.append(entries);
    assert.equal(await store.messageLog.erase({ class: "message", from: 0, to: 9, beforeMs: 50 }, []), 2);
    const texts = (await store.messageLog.read(0, 9)).map(({ stored }) => stored && Buffer.from(stored).toString());
    assert.deepEqual(texts, [undefined, "bb", undefined, "dddd"]);
    assert.doesNotMatch(JSON.stringify(store.sql.rows("select hex(payloads) from message_log_pack")), /616363/);
    assert.deepEqual((await store.messageLog.read(0, 9))[1]!.salt, entries[1]!.salted.slice(0, 16));
  });

  it("take a tenth of the room when messages are alike, and are read as they were", async () => {
    const texts = Array.from(
      { length: 50 },
      (_, i) => `<message number="${i}">${"<text>alike</text>".repeat(50)}</message>`,
    );
    await store.messageLog.append(texts.map((text) => newLogEntry(text, { timeMs: 1 })));
    const [row] = store.sql.rows<{ octets: number; inflated_octets: number }>(
      "select length(payloads) as octets, inflated_octets from message_log_pack",
    );
    assert.ok(row!.octets * 10 < row!.inflated_octets, `${row!.octets} octets of ${row!.inflated_octets}`);
    const read = await store.messageLog.read(0, 99);
    assert.deepEqual(
      read.map(({ stored }) => Buffer.from(stored!).toString()),
      texts,
    );
    assert.equal(await store.messageLog.erase({ class: "message", from: 0, to: 49, beforeMs: 50 }, []), 49);
    const [kept] = await store.messageLog.read(49, 1);
    assert.equal(Buffer.from(kept!.stored!).toString(), texts[49]);
  });

  it("get the column for it where a table of packs did not have it", async () => {
    await store.messageLog.append([newLogEntry("before")]);
    store.sql.run("alter table message_log_pack drop column inflated_octets");
    store.sql.run("delete from knex_migrations where name = '0024-deflated-packs'");
    const again = await openStore({ dataDirectory: store.dataDirectory, clock: systemClock });
    try {
      await again.messageLog.append([newLogEntry("x".repeat(5_000))]);
      const sizes = (await again.messageLog.read(0, 9)).map(({ stored }) => stored!.length);
      assert.deepEqual(sizes, [6, 5_000]);
    } finally {
      await again.close();
    }
  });

  it("whose payloads cannot be inflated are named by who verifies", async () => {
    await store.messageLog.append(["a", "b"].map((letter) => newLogEntry(letter.repeat(5_000))));
    await growLog(store.messageLog);
    store.sql.run("update message_log_pack set payloads = x'ff'");
    const { findings } = await verifyMessageLog(store.messageLog);
    assert.deepEqual(
      findings,
      [0, 1].map((index) => ({ index, defect: "BODY_CHANGED" })),
    );
  });

  it("become no more than 16 MiB when a row is inflated, whatever it says", async () => {
    await store.messageLog.append([newLogEntry("a")]);
    await growLog(store.messageLog);
    const [row] = store.sql.rows<{ payloads: Uint8Array }>("select payloads from message_log_pack");
    const change = (more: number) => {
      const payloads = Buffer.concat([row!.payloads, Buffer.alloc(more)]);
      const sql = "update message_log_pack set payloads = ?, inflated_octets = ?";
      store.sql.run(sql, deflateRawSync(payloads), payloads.length);
    };
    change(1_000_000);
    assert.deepEqual((await verifyMessageLog(store.messageLog)).findings, []);
    change(16_777_216);
    assert.deepEqual((await verifyMessageLog(store.messageLog)).findings, [{ index: 0, defect: "BODY_CHANGED" }]);
  });

  it("are kept as they are when they are more than 16 MiB", async () => {
    await store.messageLog.append([newLogEntry("x".repeat(16_777_216))]);
    assert.deepEqual(store.sql.rows("select inflated_octets from message_log_pack"), [{ inflated_octets: null }]);
    assert.equal((await store.messageLog.read(0, 1))[0]!.stored!.length, 16_777_216);
  });

  for (const leaves of ["5", "null", "{}", "[5]", "[[0,0,16,1,null]]"]) {
    it(`are named as missing when their leaves were changed to ${leaves}, and others are read and erased`, async () => {
      await store.messageLog.append([newLogEntry("a", { timeMs: 1 })]);
      await store.messageLog.append([newLogEntry("b", { timeMs: 1 })]);
      await growLog(store.messageLog);
      store.sql.run("update message_log_pack set leaves = ? where first_index = 0", leaves);
      const { findings } = await verifyMessageLog(store.messageLog);
      assert.deepEqual(findings, [{ index: 0, defect: "MISSING" }]);
      assert.equal((await store.messageLog.read(0, 9)).length, 1);
      assert.equal(await store.messageLog.erase({ class: "message", from: 0, to: 2, beforeMs: 50 }, []), 1);
    });
  }

  it("are not erased beside others that cannot be inflated: what is held among them may be mended", async () => {
    await store.messageLog.append(["a", "b"].map((letter) => newLogEntry(letter.repeat(5_000), { timeMs: 1 })));
    store.sql.run("update message_log_pack set inflated_octets = -inflated_octets");
    const erase = () => store.messageLog.erase({ class: "message", from: 0, to: 1, beforeMs: 50 }, []);
    assert.equal(await erase(), 0);
    store.sql.run("update message_log_pack set inflated_octets = -inflated_octets");
    assert.equal(await erase(), 1);
    const [erased, kept] = await store.messageLog.read(0, 2);
    assert.equal(erased!.stored, undefined);
    assert.equal(Buffer.from(kept!.stored!).toString(), "b".repeat(5_000));
  });

  it("have their leaves in a view, for who looks into the database", async () => {
    await store.messageLog.append([newLogEntry("abc", { operation: "One" }), newLogEntry("d", { operation: "Two" })]);
    assert.deepEqual(store.sql.rows("select leaf_index, operation, time_ms, octets from message_log"), [
      { leaf_index: 0, operation: "One", time_ms: 1000, octets: 3 },
      { leaf_index: 1, operation: "Two", time_ms: 1000, octets: 1 },
    ]);
  });
});
