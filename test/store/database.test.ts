import assert from "node:assert/strict";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase } from "../../src/store/database.ts";
import { StoreError } from "../../src/store/errors.ts";

describe("the database", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "metergate-database-"));
  });

  afterEach(() => rm(directory, { recursive: true }));

  it("makes a missing data directory, for its owner only", async () => {
    const dataDirectory = join(directory, "a", "b");
    const database = await openDatabase({ dataDirectory });
    await database.close();
    assert.equal((await stat(dataDirectory)).mode & 0o777, 0o700);
  });

  it("writes through to the disk before a commit returns", async () => {
    const database = await openDatabase({ dataDirectory: directory });
    const [{ synchronous }] = await database.knex.raw("pragma synchronous");
    const [{ journal_mode }] = await database.knex.raw("pragma journal_mode");
    const [{ foreign_keys }] = await database.knex.raw("pragma foreign_keys");
    await database.close();
    assert.deepEqual([synchronous, journal_mode, foreign_keys], [2, "wal", 1]);
  });

  it("keeps bytes and integers as they are", async () => {
    const database = await openDatabase({ dataDirectory: directory });
    await database.knex.raw("create table sample (bytes blob, number integer) strict");
    await database.knex("sample").insert({ bytes: new Uint8Array([0, 255]), number: Number.MAX_SAFE_INTEGER });
    const rows = await database.knex("sample").select();
    await database.close();
    assert.deepEqual(rows, [{ bytes: new Uint8Array([0, 255]), number: Number.MAX_SAFE_INTEGER }]);
  });

  it("can be open twice: a transaction of one waits for that of the other", async () => {
    const [one, other] = [
      await openDatabase({ dataDirectory: directory }),
      await openDatabase({ dataDirectory: directory }),
    ];
    await one.knex.raw("create table counter (value integer) strict");
    await one.knex("counter").insert({ value: 0 });
    const increment = async (knex: typeof one.knex) => {
      await knex.transaction(async (transaction) => {
        const { value } = await transaction("counter").first();
        await transaction("counter").update({ value: value + 1 });
      });
    };
    for (let round = 0; round < 5; round++) {
      await increment(one.knex);
      await increment(other.knex);
    }
    const { value } = await one.knex("counter").first();
    await Promise.all([one.close(), other.close()]);
    assert.equal(value, 10);
  });

  it("refuses a data directory that is a file", async () => {
    const file = join(directory, "file");
    await writeFile(file, "");
    await assert.rejects(openDatabase({ dataDirectory: file }), (error) => {
      assert.ok(error instanceof StoreError);
      assert.equal(error.code, "DATABASE_UNUSABLE");
      return true;
    });
  });

  it("refuses a database that a newer version wrote", async () => {
    const newer = await openDatabase({ dataDirectory: directory });
    await newer.knex("knex_migrations").insert({ name: "9999-future", batch: 2, migration_time: 0 });
    await newer.close();
    await assert.rejects(openDatabase({ dataDirectory: directory }), (error) => {
      assert.ok(error instanceof StoreError);
      assert.equal(error.code, "DATABASE_SCHEMA_MISMATCH");
      assert.match(error.message, /9999-future/);
      return true;
    });
  });
  it("keeps the values of a statement that failed out of the error", async () => {
    const database = await openDatabase({ dataDirectory: directory });
    const insert = () => database.knex("organisation").insert({ identification: "a-value-of-somebody" });
    await insert();
    await assert.rejects(insert(), (error: Error) => {
      assert.match(error.message, /insert into `organisation`.* UNIQUE/);
      assert.doesNotMatch(error.message, /somebody/);
      return true;
    });
    await database.close();
  });

  it("says in one error, and prints nothing, that a file is no database", async () => {
    await writeFile(join(directory, "metergate.db"), Buffer.alloc(8192, 7));
    const { error: print } = console;
    const printed: unknown[] = [];
    console.error = (...values) => void printed.push(values);
    try {
      await assert.rejects(openDatabase({ dataDirectory: directory }), {
        code: "DATABASE_UNUSABLE",
        message: /metergate\.db cannot be opened: file is not a database/,
      });
    } finally {
      console.error = print;
    }
    assert.deepEqual(printed, []);
  });
});
