import assert from "node:assert/strict";
import { openDatabase } from "../../src/store/database.ts";
import { RequestsRepository } from "../../src/store/requests-repository.ts";
import { RunsRepository } from "../../src/store/runs-repository.ts";
import { describeStore, newRequest } from "./conformance.ts";
import { describeStoreModel } from "./model.ts";
import { openTemporaryDatabase } from "./temporary-database.ts";

describeStore("SQLite", openTemporaryDatabase);
describeStoreModel("SQLite", openTemporaryDatabase);

describe("two processes on one SQLite database", () => {
  it("never claim the same request, nor two of one device", async () => {
    const one = await openTemporaryDatabase();
    const other = await openDatabase({ dataDirectory: one.dataDirectory });
    const rows = Array.from({ length: 60 }, (_, i) => newRequest(`uid-${i}`, { device: `E${i % 20}` }));
    await one.knex.transaction((transaction) => new RequestsRepository().insert(transaction, rows));
    const claimed: string[] = [];
    for (const database of [one, other, one, other, one, other]) {
      const order = { worker: "w", nowMs: 2000, leaseUntilMs: 9000, limit: 5 };
      const runs = new RunsRepository(database.dialect);
      const { requests } = await database.knex.transaction((transaction) => runs.claim(transaction, order));
      claimed.push(...requests.map(({ device }) => device));
    }
    await other.close();
    await one.close();
    assert.equal(claimed.length, 20);
    assert.equal(new Set(claimed).size, 20);
  });
});
