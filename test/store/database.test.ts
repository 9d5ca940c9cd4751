import assert from "node:assert/strict";
import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../src/lib/clock.ts";
import type { StoreError } from "../../src/store/errors.ts";
import { openStore } from "../../src/store/open-store.ts";
import { reasonOf } from "../../src/store/sqlite/open-connection.ts";
import { newLogEntry } from "./conformance.ts";
import { newRequest } from "./new-request.ts";
import { OtherConnection } from "./temporary-store.ts";

describe("the database", () => {
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "metergate-database-"));
  });

  afterEach(() => rm(directory, { recursive: true }));

  const open = (dataDirectory = directory) => openStore({ dataDirectory, clock: systemClock });
  const look = (dataDirectory = directory) => openStore({ dataDirectory, readOnly: true, clock: systemClock });

  it("makes a missing data directory, for its owner only", async () => {
    const dataDirectory = join(directory, "a", "b");
    await (await open(dataDirectory)).close();
    assert.equal(statSync(dataDirectory).mode & 0o777, 0o700);
  });

  it("keeps bytes and integers as they are", async () => {
    const store = await open();
    const push = { correlationUid: "a", organisation: "U", device: "E1", alarms: [], description: "" };
    const kept = { ...push, receivedMs: Number.MAX_SAFE_INTEGER, message: new Uint8Array([0, 255]) };
    await store.pushes.keep(kept, []);
    const found = await store.pushes.find("a");
    await store.close();
    assert.deepEqual(found, kept);
  });

  it("can be open twice: a transaction of one waits for that of the other", async () => {
    const stores = [await open(), await open()];
    await Promise.all(Array.from({ length: 40 }, (_, i) => stores[i % 2]!.messageLog.append([newLogEntry(String(i))])));
    const size = await stores[0]!.messageLog.size();
    await Promise.all(stores.map((store) => store.close()));
    assert.equal(size, 40);
  });

  it("refuses a data directory that is a file", async () => {
    const file = join(directory, "file");
    await writeFile(file, "");
    await assert.rejects(open(file), { name: "StoreError", code: "DATABASE_UNUSABLE" });
  });

  it("refuses a database that a newer version wrote", async () => {
    await (await open()).close();
    const sql = new OtherConnection(directory);
    sql.run("insert into knex_migrations (name, batch, migration_time) values ('9999-future', 2, 0)");
    sql.close();
    await assert.rejects(open(), { code: "DATABASE_SCHEMA_MISMATCH", message: /9999-future/ });
  });

  it("keeps the values of a statement that failed out of the error", async () => {
    const store = await open();
    const request = newRequest("a-value-of-somebody");
    await store.requests.accept({ request, entries: [] });
    await assert.rejects(store.requests.accept({ request, entries: [] }), (error: Error) => {
      assert.match(String(error.cause), /UNIQUE constraint failed: request.correlation_uid/);
      assert.doesNotMatch(`${error.message} ${error.cause}`, /somebody/);
      return true;
    });
    await store.close();
  });

  it("says in one error, and prints nothing, that a file is no database", async () => {
    await writeFile(join(directory, "metergate.db"), Buffer.alloc(8192, 7));
    const { error: print } = console;
    const printed: unknown[] = [];
    console.error = (...values) => void printed.push(values);
    try {
      await assert.rejects(open(), {
        code: "DATABASE_UNUSABLE",
        message: /metergate\.db cannot be opened: file is not a database/,
      });
    } finally {
      console.error = print;
    }
    assert.deepEqual(printed, []);
  });

  for (const suffix of ["", "-wal"]) {
    it(`keeps nothing any more, and says why, when its ${suffix || "file"} is removed under it`, async () => {
      const store = await open();
      const accept = (uid: string) => store.requests.accept({ request: newRequest(uid), entries: [] });
      await accept("before");
      const reasons: StoreError[] = [];
      store.onFailure((reason) => reasons.push(reason));
      rmSync(join(directory, `metergate.db${suffix}`));
      for (const uid of ["a", "b"]) await assert.rejects(accept(uid), { code: "SERVICE_BUSY" });
      assert.equal(reasons.length, 1);
      assert.match(reasons[0]!.message, new RegExp(`metergate\\.db${suffix} was removed or replaced`));
      await store.close();
    });
  }

  it("notices that its file was replaced by another", async () => {
    const store = await open();
    const file = join(directory, "metergate.db");
    renameSync(file, `${file}.old`);
    writeFileSync(file, "");
    await assert.rejects(store.leases.acquire("task", "me", 1000), { code: "SERVICE_BUSY" });
    await store.close();
  });

  it("is told of with a reason that an operator can do something about", () => {
    const error = (code: string | undefined, message: string) => Object.assign(new RangeError(message), { code });
    const reasons: [code: string | undefined, message: string, reason: RegExp][] = [
      ["SQLITE_FULL", "database or disk is full", /^there is no space left on the disk/],
      ["ENOSPC", "write", /^there is no space left on the disk/],
      ["SQLITE_READONLY_DIRECTORY", "attempt to write a readonly database", /cannot be written/],
      ["SQLITE_BUSY", "database is locked", /^another process keeps it locked/],
      [undefined, 'ConnectionFailed("Unable to open connection to local database x: 14")', /cannot be written/],
      [undefined, "file is not a database", /^file is not a database$/],
    ];
    for (const [code, message, reason] of reasons) assert.match(reasonOf(error(code, message)), reason);
  });

  describe("that is only looked into", () => {
    it("is not made where there is none: the wrong directory is an error", async () => {
      await assert.rejects(look(), { code: "DATABASE_UNUSABLE", message: /there is no database .*metergate\.db/ });
      await assert.rejects(look(join(directory, "missing")), { code: "DATABASE_UNUSABLE" });
      assert.deepEqual(readdirSync(directory), []);
    });

    it("is not migrated", async () => {
      await (await open()).close();
      const sql = new OtherConnection(directory);
      sql.run("delete from knex_migrations where name = '0006-leases'");
      sql.close();
      await assert.rejects(look(), { code: "DATABASE_SCHEMA_MISMATCH", message: /older version/ });
      writeFileSync(join(directory, "metergate.db"), "");
      await assert.rejects(look(), { code: "DATABASE_SCHEMA_MISMATCH", message: /no data of Metergate/ });
    });

    it("gives what is there and refuses to write", async () => {
      const store = await open();
      await store.requests.accept({ request: newRequest("a"), entries: [] });
      const looking = await look();
      assert.equal((await looking.requests.find("a"))?.state, "waiting");
      await assert.rejects(looking.leases.acquire("task", "me", 1000), { code: "SERVICE_BUSY" });
      await looking.close();
      await store.close();
      const again = await look();
      assert.equal((await again.requests.find("a"))?.state, "waiting");
      await again.close();
      assert.ok(existsSync(join(directory, "metergate.db")));
    });
  });
});
