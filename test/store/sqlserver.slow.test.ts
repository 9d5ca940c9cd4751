import assert from "node:assert/strict";
import { describeStore } from "./conformance.ts";
import { describeCopies } from "./copies.ts";
import { describeStoreModel } from "./model.ts";
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
