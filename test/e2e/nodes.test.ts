import assert from "node:assert/strict";
import { ErpClient, leaf } from "../../src/cli/erp-client.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { type Service, startService } from "../../src/service.ts";
import { postgresOrSkip } from "../store/temporary-postgres.ts";
import { result, run, sample, startWorld, temporaryDirectory, type World } from "./harness.ts";

postgresOrSkip("the service over PostgreSQL", (schemas) => {
  const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  let world: World;
  let other: Service;

  before(async () => {
    const url = schemas.urlOf(await schemas.make());
    world = await startWorld({ METERGATE_DATABASE_URL: url }, { role: "api" });
    other = await startService(world.config, { logger: quiet, role: "worker" });
  });

  after(async () => {
    await other?.stop();
    await world?.stop();
  });

  it("takes a request at one node, runs it at another, and tells the result at both", async () => {
    const third = await startService(world.config, { logger: quiet, role: "api" });
    const sent = await world.client.send(sample("GetFirmwareVersion"));
    assert.ok("correlationUid" in sent);
    const answers = await Promise.all(
      [world.client, new ErpClient(third.baseUrl, systemClock)].map((client) => result(client, sent)),
    );
    for (const answer of answers) assert.equal(leaf(answer, "Result"), "OK");
    await third.stop();
  });

  it("opens no port at a node that is for devices alone", () => {
    assert.equal(other.baseUrl, "");
  });

  it("runs keys, bundles and reads of meters", async () => {
    for (const name of ["GetActualMeterReads", "GenerateAndReplaceKeys", "Bundle"]) {
      const answer = await run(world.client, sample(name));
      assert.ok(!answer.xml.includes("Fault>") || name === "Bundle", answer.xml);
    }
  });

  it("refuses to start with other keys than the other nodes have", async () => {
    const elsewhere = temporaryDirectory();
    const config = { ...world.config, dataDir: elsewhere.path, vaultKeyFile: `${elsewhere.path}/vault.key` };
    await assert.rejects(startService(config, { logger: quiet }), { code: "VAULT_UNREADABLE" });
    const halfRight = { ...config, vaultKeyFile: world.config.vaultKeyFile };
    await assert.rejects(startService(halfRight, { logger: quiet }), /platform key/);
    elsewhere.remove();
  });
});
