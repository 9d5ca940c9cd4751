import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hashEntry } from "../../src/domain/log-tree.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { parseCheckpoint } from "../../src/message-log/checkpoint.ts";
import { KEY_ADDED, KEY_RETIRED, keyInEntry } from "../../src/message-log/key-list.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { formatVerifierKey, signatureOf } from "../../src/message-log/note.ts";
import { Publisher } from "../../src/message-log/publisher.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { logSigner } from "../../src/message-log/signer.ts";
import { rootOf } from "../../src/message-log/tree.ts";
import { openTemporaryStore, type TemporaryStore } from "../store/temporary-store.ts";

const NAME = "log.example/test";
const [FIRST, SECOND] = [1, 2].map((octet) => logSigner(NAME, new Uint8Array(32).fill(octet))) as [
  ReturnType<typeof logSigner>,
  ReturnType<typeof logSigner>,
];

describe("the published log", () => {
  let store: TemporaryStore;
  let directory: string;
  let signers = [FIRST];
  const clock = new ManualClock(1_700_000_000_000);

  beforeEach(async () => {
    store = await openTemporaryStore(clock);
    directory = join(store.dataDirectory, "published");
    signers = [FIRST];
  });

  afterEach(() => store.close());

  const newPublisher = () =>
    new Publisher({
      ...{ log: store.messageLog, directory, signers: () => signers, attestors: [], clock, random: systemRandom },
      onRefused: (_name, error) => assert.fail(error as Error),
    });
  const append = async (count: number) => {
    const log = new MessageLog(store.messageLog, clock);
    const body = Buffer.from("message");
    await log.append(
      ...Array.from({ length: count }, () => ({ direction: "in", service: "s", operation: "o", body }) as const),
    );
    await growLog(store.messageLog);
  };
  const file = (name: string) => readFileSync(join(directory, name));
  const checkpoint = () => parseCheckpoint(file("checkpoint").toString());

  it("has tiles, entries and a signed checkpoint that fit each other, and its key in it", async () => {
    await append(600);
    await newPublisher().publish();
    const { origin, size, root, note } = checkpoint();
    assert.deepEqual([origin, size], [NAME, 601]);
    assert.ok(signatureOf(note, FIRST.key));
    const tiles: Record<string, Buffer> = {
      "0/0": file("tile/0/000"),
      "0/1": file("tile/0/001"),
      "0/2": file("tile/0/002.p/89"),
      "1/0": file("tile/1/000.p/2"),
    };
    assert.deepEqual(Buffer.from(rootOf(size, (level, number) => tiles[`${level}/${number}`])), Buffer.from(root));
    const bundle = file("tile/entries/001");
    assert.equal(bundle.length, 256 * 34);
    assert.equal(bundle.readUInt16BE(34), 32);
    assert.deepEqual(Buffer.from(hashEntry(bundle.subarray(36, 68))), tiles["0/1"]!.subarray(32, 64));
    const [announced] = await store.messageLog.find({ class: "log" }, 0, 10);
    assert.equal(keyInEntry(announced!), formatVerifierKey(FIRST.key));
  });

  it("goes on where it was, also after its files are gone, and drops tiles that are full now", async () => {
    await append(100);
    await newPublisher().publish();
    assert.deepEqual(readdirSync(join(directory, "tile/0")), ["000.p"]);
    await append(200);
    await newPublisher().publish();
    assert.equal(checkpoint().size, 301);
    assert.deepEqual(readdirSync(join(directory, "tile/0")).sort(), ["000", "001.p"]);
    rmSync(directory, { recursive: true });
    await newPublisher().publish();
    assert.equal(checkpoint().size, 301);
    assert.deepEqual(
      (await store.messageLog.checkpoints(0, 10)).map(({ size }) => size),
      [101, 301],
    );
  });

  it("is not signed anew when nothing has come", async () => {
    await append(3);
    const publisher = newPublisher();
    await publisher.publish();
    const before = file("checkpoint");
    clock.advance(1000);
    await publisher.publish();
    assert.deepEqual(file("checkpoint"), before);
  });

  it("is published by the next one when a crash came between keeping the checkpoint and its files", async () => {
    await append(3);
    mkdirSync(directory);
    // What stands in the way of the files, as a full disk does.
    writeFileSync(join(directory, "tile"), "");
    await assert.rejects(newPublisher().publish(), { code: "ENOTDIR" });
    assert.equal((await store.messageLog.positions()).signed, 4);
    rmSync(join(directory, "tile"));
    await newPublisher().publish();
    assert.equal(checkpoint().size, 4);
  });

  it("keeps no shorter tiles of a checkpoint that could not be put beside them", async () => {
    await append(99);
    await newPublisher().publish();
    const inTheWay = join(directory, `checkpoint.${process.pid}.new`);
    mkdirSync(inTheWay);
    for (const count of [300, 300]) {
      await append(count);
      await assert.rejects(newPublisher().publish(), { code: "EISDIR" });
    }
    assert.ok(readdirSync(join(directory, "tile/0")).includes("001.p"));
    rmSync(inTheWay, { recursive: true });
    await append(300);
    await newPublisher().publish();
    assert.equal(checkpoint().size, 1000);
    const partial = readdirSync(join(directory, "tile"), { recursive: true }).filter((name) => /\.p$/.test(`${name}`));
    assert.deepEqual(partial.sort(), ["0/003.p", "1/000.p", "entries/003.p"]);
  });

  it("is not overwritten by a database that is older, was cut off, or was changed", async () => {
    await append(10);
    await newPublisher().publish();
    store.sql.run("update message_log_head set integrated = 8, next_index = 8, signed = 0");
    await assert.rejects(newPublisher().publish(), {
      code: "LOG_FORKED",
      message: /11 entries are published, the database has 8/,
    });
    store.sql.run("update message_log_head set integrated = 11, next_index = 11");
    store.sql.run("update log_tile set hashes = zeroblob(11 * 32) where level = 0");
    await assert.rejects(newPublisher().publish(), {
      code: "LOG_FORKED",
      message: /the first 11 entries .* are not those/,
    });
    signers = [logSigner("another", new Uint8Array(32))];
    await assert.rejects(newPublisher().publish(), { code: "LOG_FORKED", message: /what is published is the log/ });
    assert.equal(checkpoint().size, 11);
  });

  it("has both keys' signatures while one follows the other, and says in the log when", async () => {
    await append(1);
    await newPublisher().publish();
    signers = [FIRST, SECOND];
    await newPublisher().publish();
    const { note, size } = checkpoint();
    assert.ok(signatureOf(note, FIRST.key) && signatureOf(note, SECOND.key));
    signers = [SECOND];
    await newPublisher().publish();
    assert.equal(signatureOf(checkpoint().note, FIRST.key), undefined);
    assert.ok(checkpoint().size > size && signatureOf(checkpoint().note, SECOND.key));
    const listed = (await store.messageLog.find({ class: "log" }, 0, 10)).map((entry) => [
      entry.leaf.operation,
      keyInEntry(entry),
    ]);
    assert.deepEqual(listed, [
      [KEY_ADDED, formatVerifierKey(FIRST.key)],
      [KEY_ADDED, formatVerifierKey(SECOND.key)],
      [KEY_RETIRED, formatVerifierKey(FIRST.key)],
    ]);
  });
});
