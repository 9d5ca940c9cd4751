import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEMO_METERS, demoDevicesFile } from "../../src/cli/demo-fleet.ts";
import { type Accepted, ErpClient, ErpClientError } from "../../src/cli/erp-client.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { type Fleet, startFleet } from "../../src/simulators/dlms/fleet.ts";
import { openStore } from "../../src/store/open-store.ts";
import { postgresOrSkip } from "../store/temporary-postgres.ts";
import { result, sample, temporaryDirectory } from "./harness.ts";
import { NodeProcess } from "./node-process.ts";

postgresOrSkip("several nodes over PostgreSQL", (schemas) => {
  const directory = temporaryDirectory();
  let fleet: Fleet;
  let settings: Record<string, string>;
  let document: (n: number) => Uint8Array<ArrayBuffer>;

  before(async () => {
    fleet = await startFleet(DEMO_METERS);
    settings = {
      METERGATE_DATABASE_URL: schemas.urlOf(await schemas.make()),
      METERGATE_DATA_DIR: directory.path,
      METERGATE_LEASE_MS: "3000",
      METERGATE_RETRY_DELAY_MS: "50",
      METERGATE_MAX_RETRIES: "20",
      METERGATE_LOG_LEVEL: "silent",
    };
    const file = join(directory.path, "devices.json");
    writeFileSync(file, demoDevicesFile(fleet.meters));
    await new NodeProcess(settings).command("devices", "import", file);
    const devices = fleet.meters.map(({ identification }) => identification);
    document = (n) => sample("GetFirmwareVersion", ["TEST1024000000001", devices[n % devices.length]!]);
  });

  const started: NodeProcess[] = [];
  after(async () => {
    for (const node of started) await node.end();
    await fleet.close();
    directory.remove();
  });

  /** Requires that each request ended well, once. */
  async function requireOneResultEach(sent: readonly Accepted[]): Promise<void> {
    const store = await openStore({
      ...{ dataDirectory: directory.path, databaseUrl: settings.METERGATE_DATABASE_URL, readOnly: true },
      clock: systemClock,
    });
    for (const { correlationUid } of sent) {
      const request = await store.requests.find(correlationUid);
      assert.deepEqual([request?.state, request?.outcomes.length], ["succeeded", 1]);
    }
    await store.close();
  }

  it("end every request that one of them acknowledged before it was killed", async () => {
    const [one, two] = [new NodeProcess(settings), new NodeProcess(settings)];
    started.push(one, two);
    await Promise.all([one.start(), two.start()]);
    const clients = [one, two].map(({ baseUrl }) => new ErpClient(baseUrl, systemClock));
    const accepted: Accepted[] = [];
    let killed: Promise<unknown> | undefined;
    for (let n = 0; accepted.length < 60; n++) {
      if (accepted.length === 30) killed ??= one.end();
      try {
        const answer = await clients[killed ? 1 : n % 2]!.send(document(n));
        if (!("fault" in answer)) accepted.push(answer);
      } catch (error) {
        assert.ok(error instanceof ErpClientError, String(error));
      }
    }
    await killed;
    for (const each of accepted) await result(clients[1]!, each);
    assert.equal(await two.end("SIGTERM"), 0);
    await requireOneResultEach(accepted);
  });

  it("of one machine are replaced one by one, and no caller notices", async () => {
    const node = new NodeProcess(settings, "--processes", "2");
    started.push(node);
    await node.start();
    const client = new ErpClient(node.baseUrl, systemClock);
    const accepted: Accepted[] = [];
    const senders = Array.from({ length: 4 }, async (_, sender) => {
      for (let n = 0; n < 40; n++) {
        if (sender === 0 && n === 10) node.signal("SIGHUP");
        const answer = await client.send(document(sender + n * 4));
        assert.ok("correlationUid" in answer);
        accepted.push(answer);
      }
    });
    await Promise.all(senders);
    for (const each of accepted) await result(client, each);
    assert.equal(await node.end("SIGTERM"), 0);
    await requireOneResultEach(accepted);
  });

  it("of one machine are told of together at the admin port", async () => {
    const told = { METERGATE_ADMIN_PORT: "0", METERGATE_LOG_LEVEL: "info" };
    const node = new NodeProcess({ ...settings, ...told }, "--processes", "2");
    started.push(node);
    await node.start();
    for (let n = 0; n < 8; n++) {
      const client = new ErpClient(node.baseUrl, systemClock);
      const answer = await client.send(document(n));
      assert.ok("correlationUid" in answer);
      await result(client, answer);
    }
    const page = await (await fetch(`http://127.0.0.1:${node.adminPort}/metrics`)).text();
    assert.match(page, /^metergate_accepted_total\{operation="GetFirmwareVersion"\} 8$/m);
    assert.match(page, /^metergate_runs_total\{family="dlms",ending="succeeded"\} 8$/m);
    assert.match(page, /^metergate_oldest_request_age_seconds 0$/m);
    assert.equal(await node.end("SIGTERM"), 0);
  });
});
