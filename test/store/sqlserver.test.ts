import assert from "node:assert/strict";
import { ManualClock, systemClock } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { addressOf } from "../../src/store/sqlserver/address.ts";
import { SqlServerDriver } from "../../src/store/sqlserver/driver.ts";
import { kindOf, withoutValues } from "../../src/store/sqlserver/failures.ts";
import { fromStored, toStored } from "../../src/store/sqlserver/texts.ts";
import type { Store } from "../../src/store/store.ts";
import { describeStore } from "./conformance.ts";
import { describeCopies } from "./copies.ts";
import { newRequest } from "./new-request.ts";
import { plainDevice } from "./secrets-conformance.ts";
import { PlayedServer } from "./sqlserver/server.ts";
import { type PostgresStore, postgresOrSkip } from "./temporary-postgres.ts";
import { sqlServerOrSkip } from "./temporary-sqlserver.ts";

sqlServerOrSkip("the store over SQL Server", (databases) => {
  describeStore("SQL Server", databases.open);
  describe("a database of SQL Server that is copied", () => describeCopies(databases.make));
});

/** What is SQL Server's own: its protocol, what it undoes, and connections that go. The whole suite is in the slow tests. */
postgresOrSkip("a store over the protocol of SQL Server, which a test plays", (schemas) => {
  const server = new PlayedServer((schema) => schemas.urlOf(schema));
  let addressOf: (database: string) => string;
  let store: PostgresStore;
  const opened: Store[] = [];

  before(async () => {
    addressOf = await server.listen();
  });
  beforeEach(async () => {
    store = await schemas.openAt(new ManualClock(1000), addressOf);
  });
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
    await store.close();
    assert.deepEqual(server.failures, []);
  });
  after(() => server.close());

  const accept = (uid: string, fields: Parameters<typeof newRequest>[1] = {}) =>
    store.requests.accept({ request: newRequest(uid, fields), entries: [] });
  /** How often a request is there. */
  const count = async (uid: string) =>
    (
      await store.sql<{ number: number }>("select count(*)::int as number from request where correlation_uid = $1", uid)
    )[0]!.number;

  it("has the tables and columns that PostgreSQL has", async () => {
    const postgres = await schemas.open(new ManualClock(1000));
    opened.push(postgres);
    const sql = `select table_name, column_name, is_nullable from information_schema.columns
      where table_schema = current_schema() and table_name not like '%migration%' order by table_name, column_name`;
    assert.deepEqual(await store.sql(sql), await postgres.sql(sql));
  });

  it("keeps texts to the letter: a megabyte, spaces at the end, capitals, and numbers of 53 bits", async () => {
    const request = { text: `${"ü€😀".repeat(150_000)}  `, number: Number.MAX_SAFE_INTEGER };
    const actions = [{ operation: "SynchronizeTime" as const, request }];
    for (const device of ["b", "B", "a ", "a"]) await accept(`uid ${device}`, { device, actions });
    assert.deepEqual((await store.requests.find("uid a "))?.actions, actions);
    assert.equal(await store.requests.find("uid A"), undefined);
    assert.equal(await store.requests.find("uid a  "), undefined);
    const names = ["B", "a", "a ", "a  ", "a\u007f", "ab", "b", "ä"];
    const devices = [...names].reverse().map((identification) => ({
      ...{ device: plainDevice(identification), authorisations: [], secrets: [] },
    }));
    await store.devices.import({ organisations: [], devices, replaceKeys: false, nowMs: 1, evidence: [] });
    const listed = await store.devices.list({ offset: 0, limit: 9 });
    assert.deepEqual(
      new Set(listed.map((each) => ("device" in each ? each.device.identification : undefined))),
      new Set(names),
    );
    assert.deepEqual(await store.devices.knownDevices(["a ", "A", "a   ", "ä"]), new Set(["a ", "ä"]));
  });

  for (const [number, what] of [
    [1205, "a deadlock"],
    [1222, "a lock's time"],
    [3960, "a conflict of snapshots"],
    [40613, "a database that was moved"],
  ] as const) {
    it(`tries again after ${what}`, async () => {
      server.trouble({ statement: /^insert into request /, what: number });
      assert.deepEqual(await accept("a"), { kind: "accepted" });
      assert.equal(await count("a"), 1);
    });
  }

  it("says what the server refused, by its number and without the value", async () => {
    await accept("a value of somebody");
    await assert.rejects(accept("a value of somebody"), (error: Error) => {
      assert.match(String(error.cause), /Violation of constraint.*\(2627\)/);
      assert.doesNotMatch(`${error.message} ${error.cause}`, /somebody/);
      return true;
    });
  });

  for (const [what, where] of [
    ["in mid-transaction", /^insert into request /],
    ["when a transaction begins", /^begin$/],
    ["before a commit is carried out", /^commit$/],
  ] as const) {
    it(`does it again when the connection is cut ${what}`, async () => {
      server.trouble({ statement: where, what: "cut before" });
      assert.deepEqual(await accept("a"), { kind: "accepted" });
      assert.equal(await count("a"), 1);
    });
  }

  it("does it once when the commit was carried out and not answered", async () => {
    server.trouble({ statement: /^commit$/, what: "cut after" });
    assert.deepEqual(await accept("a"), { kind: "accepted" });
    assert.equal(await count("a"), 1);
    const marks = await store.sql<{ number: string }>("select number from commit_mark order by at_ms");
    assert.ok(marks.length > 0);
  });

  it("gives up a statement that is not answered, and what was done with it", async () => {
    const settings = { url: store.url, readOnly: false, connections: 1, statementTimeoutMs: 2_000 };
    const driver = new SqlServerDriver(settings);
    server.trouble({ statement: /^select 2 as two$/, what: "hang" });
    const wire = await driver.acquire();
    await wire.begin(true);
    await wire.query("insert into replay (digest, until_ms) values (@p1, @p2)", ["given up", 1]);
    await assert.rejects(wire.query("select 2 as two", []), (error) => kindOf(error) === "lost");
    wire.destroy();
    const { rows } = await (await driver.acquire()).query("select digest from replay", []);
    await driver.close();
    assert.deepEqual(rows, []);
  });

  it("refuses a database whose readers would wait for writers, and says what to do", async () => {
    const versioned = "select cast('my meters' as text) as name, false as versioned";
    server.trouble({ statement: /is_read_committed_snapshot_on/, what: { instead: versioned } });
    const opening = openStore({ dataDirectory: "", databaseUrl: store.url, clock: systemClock });
    const message = /alter database \[my meters\] set read_committed_snapshot on/;
    await assert.rejects(opening, { code: "DATABASE_UNUSABLE", message });
  });

  it("goes on when all connections are cut", async () => {
    await accept("a");
    server.cut();
    assert.equal((await store.requests.find("a"))?.correlationUid, "a");
    await accept("b");
    assert.equal((await store.requests.countUnfinished()).ready, 2);
  });

  it("wakes other nodes, which look by themselves", async () => {
    const other = await openStore({ dataDirectory: "", databaseUrl: store.url, clock: systemClock });
    opened.push(other);
    const woken = new Promise<void>((resolve) => other.onWake(resolve));
    await accept("a");
    await woken;
  });

  it("only looks when it is only to look", async () => {
    const looking = await openStore({ dataDirectory: "", databaseUrl: store.url, clock: systemClock, readOnly: true });
    opened.push(looking);
    await accept("a");
    assert.equal((await looking.requests.find("a"))?.state, "waiting");
    await assert.rejects(looking.leases.acquire("task", "me", 1000), { code: "SERVICE_BUSY" });
  });
});

describe("an SQL Server", () => {
  it("is named by an address of either scheme, with its characters escaped", () => {
    const address = addressOf("sqlserver://u%40s:p%2Fw@[::1]/data%20base?trustServerCertificate=true");
    assert.deepEqual(address, {
      ...{ server: "::1", port: 1433, database: "data base", user: "u@s", password: "p/w" },
      options: { encrypt: true, trustServerCertificate: true, multiSubnetFailover: false },
    });
    for (const [query, what] of [
      ["schema=x", /not known: schema/],
      ["encrypt=no", /neither true nor false: encrypt/],
    ] as const) {
      assert.throws(() => addressOf(`mssql://u:p@host/db?${query}`), { code: "DATABASE_UNUSABLE", message: what });
    }
  });

  it("that is not there is told of without the password", async () => {
    const opening = openStore({
      dataDirectory: "",
      databaseUrl: "mssql://sa:hunter2@127.0.0.1:1/db",
      clock: systemClock,
    });
    await assert.rejects(opening, ({ code, message }) => code === "DATABASE_UNUSABLE" && !message.includes("hunter2"));
  });

  it("takes texts for the same that differ in spaces at their ends, so these end with something else", () => {
    for (const text of ["", "a", "a ", "a  ", " ", "\u007f", "a\u007f", "a \u007f", "a\u007f "]) {
      assert.equal(fromStored(toStored(text)), text);
      assert.ok(!toStored(text).endsWith(" "));
    }
    assert.equal(toStored("a"), "a");
  });

  it("fails in three ways", () => {
    const failures: [error: object, kind: string][] = [
      [{ code: "EREQUEST", number: 1205, class: 13 }, "again"],
      [{ code: "EREQUEST", number: 2627, class: 14 }, "refused"],
      [{ code: "EREQUEST", number: 2601, class: 14 }, "refused"],
      [{ code: "EREQUEST", number: 9001, class: 21 }, "lost"],
      [{ code: "ETIMEOUT" }, "lost"],
      [{ code: "ESOCKET" }, "lost"],
      [{ code: "ECONNCLOSED" }, "lost"],
      [{ code: "ELOGIN" }, "refused"],
      [{ code: "ELOGIN", originalError: { isTransient: true } }, "lost"],
      [{ name: "TimeoutError" }, "lost"],
      [new TypeError("ours"), "refused"],
    ];
    for (const [error, kind] of failures) assert.equal(kindOf(error), kind, JSON.stringify(error));
  });

  it("says what a row holds, and is not heard", () => {
    const said = [
      "Violation of UNIQUE KEY constraint 'x'. Cannot insert duplicate key in object 'dbo.t'. The duplicate key value is (somebody).",
      "String or binary data would be truncated in table 't', column 'c'. Truncated value: 'somebody'.",
      "Conversion failed when converting the nvarchar value 'somebody' to data type bigint.",
    ];
    for (const message of said) {
      const error = withoutValues(Object.assign(new Error(message), { number: 2627, code: "EREQUEST", class: 14 }));
      assert.doesNotMatch(String(error), /somebody/);
      assert.match(String(error), /\(2627\)/);
    }
  });
});
