import assert from "node:assert/strict";
import { ManualClock } from "../../src/lib/clock.ts";
import { MIGRATIONS } from "../../src/store/sqlserver/migrations/index.ts";
import { describeStore } from "./conformance.ts";
import { describeCopies } from "./copies.ts";
import { describeStoreModel } from "./model.ts";
import { newRequest } from "./new-request.ts";
import { findSyntaxErrors } from "./sqlserver/parser.ts";
import { PlayedServer } from "./sqlserver/server.ts";
import { keepStatements, keptStatements, normalise } from "./sqlserver/statements.ts";
import { postgresOrSkip } from "./temporary-postgres.ts";

/** The store with its driver and all it sends; what answers is no SQL Server, but speaks its protocol. */
postgresOrSkip("the store over the protocol of SQL Server, which a test plays", (schemas) => {
  const server = new PlayedServer((schema) => schemas.urlOf(schema));
  let addressOf: (database: string) => string;
  const open = (clock: Parameters<typeof schemas.open>[0]) => schemas.openAt(clock!, addressOf);

  before(async () => {
    addressOf = await server.listen();
  });
  after(() => server.close());

  describeStore("SQL Server's protocol", open);
  // What random commands come to in some runs only is sent in each.
  it("lets what is behind two meters into line when one of them ends", async () => {
    const store = await open(new ManualClock(1000));
    const accept = (uid: string, device: string, routeDevice = device) =>
      store.requests.accept({ request: newRequest(uid, { device, routeDevice, writes: true }), entries: [] });
    const claim = () => store.requests.claim({ worker: "w", leaseMs: 60_000, limit: 9 });
    await accept("one", "E1");
    await accept("two", "G1", "E2");
    const { requests } = await claim();
    await accept("behind both", "G1", "E1");
    await claim();
    for (const { id, attempt } of requests) {
      assert.equal((await store.requests.countUnfinished()).parked, 1);
      assert.ok(await store.requests.settle({ id, attempt, state: "running" }, { to: "succeeded" }));
    }
    assert.equal((await store.requests.countUnfinished()).ready, 1);
    await store.close();
  });

  describeStoreModel("SQL Server's protocol", open, 10);

  describe("a database of SQL Server's protocol that is copied", () => {
    describeCopies(async () => addressOf(await schemas.make()));
  });

  // Behind the others, which a test beside them would come before.
  describe("what is sent to SQL Server", () => {
    it("is what is kept of it, and nothing else", () => {
      assert.deepEqual(server.failures, []);
      const sent = normalise(server.recorded);
      if (process.env.UPDATE) keepStatements(sent);
      assert.deepEqual(sent, keptStatements());
    });
  });
});

/** The parser is antlr4ts-sql's, made of the T-SQL grammar of the ANTLR project; no server has seen any of this. */
describe("a parser of T-SQL", () => {
  it("finds nothing wrong with what is sent to SQL Server", () => {
    const wrong = keptStatements().map((sql) => [sql, ...findSyntaxErrors(sql)]);
    assert.deepEqual(
      wrong.filter(([, error]) => error !== undefined),
      [],
    );
  });

  it("finds nothing wrong with what makes its schema", () => {
    const statements = MIGRATIONS.flatMap(({ statements }) => statements);
    const wrong = statements.map((sql) => [sql, ...findSyntaxErrors(sql)]);
    assert.deepEqual(
      wrong.filter(([, error]) => error !== undefined),
      [],
    );
  });

  for (const foreign of [
    "select a from t order by a limit 5",
    "insert into t (a) values (1) on conflict do nothing",
    "update t set a = 1 returning a",
    "select a from t for update skip locked",
    "select a from t where b = any(@p1)",
    "select a::bigint from t",
    "select a from t with (updlock readpast",
  ]) {
    it(`refuses what other databases say or nobody does: ${foreign}`, () => {
      assert.notDeepEqual(findSyntaxErrors(foreign), []);
    });
  }
});
