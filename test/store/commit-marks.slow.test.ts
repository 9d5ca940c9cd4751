import assert from "node:assert/strict";
import { PostgresDriver } from "../../src/store/postgres/driver.ts";
import { MIGRATIONS } from "../../src/store/postgres/migrations/index.ts";
import { MIGRATION_STATEMENTS } from "../../src/store/postgres/open-store.ts";
import { migrate } from "../../src/store/server/migrate.ts";
import { OwnPostgres } from "../faults/own-postgres.ts";

describe("a transaction whose commit was not answered", () => {
  let server: OwnPostgres | undefined;
  let driver: PostgresDriver;

  before(async function () {
    server = await OwnPostgres.start();
    if (!server) this.skip();
    driver = new PostgresDriver({ url: server.url, readOnly: false, connections: 3 });
    await migrate(driver, MIGRATIONS, MIGRATION_STATEMENTS);
  });

  after(async () => {
    await driver?.close();
    await server?.remove();
  });

  it("runs, was made or was not made", async () => {
    const wire = await driver.acquire();
    const first = (await wire.begin(true)).transaction!;
    assert.equal(await driver.outcomeOf(first), "unknown");
    await wire.commit();
    assert.equal(await driver.outcomeOf(first), "committed");
    const second = (await wire.begin(true)).transaction!;
    await wire.rollback();
    assert.equal(await driver.outcomeOf(second), "aborted");
    wire.release();
  });

  it("was not made when the server crashed before it, and gave its number to another one that was", async () => {
    // A number is given out again unless something reached the disk meanwhile.
    for (let given = 0; given < 1; ) {
      const lost = await driver.acquire();
      const { transaction } = await lost.begin(true);
      await server!.down();
      await server!.up();
      lost.destroy();
      assert.equal(await driver.outcomeOf(transaction!), "aborted");
      const wire = await driver.acquire();
      const other = (await wire.begin(true)).transaction!;
      await wire.commit();
      wire.release();
      assert.deepEqual([await driver.outcomeOf(transaction!), await driver.outcomeOf(other)], ["aborted", "committed"]);
      if (transaction!.id === other.id) given += 1;
    }
  });
});
