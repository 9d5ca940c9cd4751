import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { loadConfig } from "../../src/config.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { startService } from "../../src/service.ts";
import { late } from "../../src/simulators/dlms/behaviours.ts";
import { openStore } from "../../src/store/open-store.ts";
import { sample, startWorld, temporaryDirectory } from "./harness.ts";

const DEVICE = "TEST1024000000001";
const CONFIGURATION = "/osgp-adapter-ws-smartmetering/smartMetering/configurationService/";

function listen(port: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}

const close = (server: Server) => new Promise((resolve) => server.close(resolve));
const portOf = (server: Server) => (server.address() as { port: number }).port;

describe("a start that fails half-way", () => {
  it("leaves neither port nor database open, and no timer", async () => {
    const directory = temporaryDirectory();
    const taken = await listen(0);
    const other = await listen(0);
    const port = portOf(other);
    await close(other);
    const logger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    const config = loadConfig({
      METERGATE_DATA_DIR: directory.path,
      METERGATE_PORT: String(port),
      METERGATE_PLAIN_HTTP: "true",
      METERGATE_ALARM_PORT: String(portOf(taken)),
    });
    const open = async () => {
      // What was closed is listed until the loop has gone round.
      for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
      return process.getActiveResourcesInfo().filter((kind) => /^(TCPServer|UDP|Timeout)/.test(kind));
    };
    const before = await open();
    await assert.rejects(startService(config, { logger }), { code: "EADDRINUSE" });
    assert.deepEqual(await open(), before);
    await close(await listen(port));
    await close(taken);
    const service = await startService({ ...config, alarmPort: 0 }, { logger });
    await service.stop();
    assert.equal((await open()).length, before.length - 1);
    directory.remove();
  });
});

describe("a service that is told to stop", () => {
  async function stateOf(dataDirectory: string, correlationUid: string): Promise<string | undefined> {
    const store = await openStore({ dataDirectory, readOnly: true, clock: systemClock });
    const stored = await store.requests.find(correlationUid);
    await store.close();
    return stored?.state;
  }

  it("ends the request that runs, and answers the caller that is still sending", async () => {
    const world = await startWorld();
    world.meter(DEVICE).behaviours.add(late(100));
    const sent = await world.client.send(sample("GetFirmwareVersion"));
    assert.ok("correlationUid" in sent);
    while (world.service.worker.running().length === 0) await new Promise((resolve) => setImmediate(resolve));

    const body = Buffer.from(sample("GetAdministrativeStatus"));
    const socket = connect(Number(new URL(world.service.baseUrl).port), "127.0.0.1");
    const head = `POST ${CONFIGURATION} HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: ${body.length}\r\n\r\n`;
    socket.write(Buffer.concat([Buffer.from(head), body.subarray(0, 100)]));
    // The service has the head once it has answered another message that came later.
    await world.client.fetchResult(sent);
    const drained = world.service.drain();
    socket.write(body.subarray(100));
    let answer = "";
    for await (const chunk of socket) answer += chunk;
    assert.match(answer, /^HTTP\/1\.1 200 /);
    await drained;

    const uid = /CorrelationUid>([^<]+)</.exec(answer)?.[1];
    assert.equal(await stateOf(world.config.dataDir, sent.correlationUid), "succeeded");
    assert.equal(await stateOf(world.config.dataDir, uid!), "waiting");
    await world.fleet.close();
    rmSync(world.config.dataDir, { recursive: true });
  });

  it("puts back what runs when it is told again", async () => {
    const world = await startWorld();
    world.meter(DEVICE).behaviours.add(late(3_600_000));
    const sent = await world.client.send(sample("GetFirmwareVersion"));
    assert.ok("correlationUid" in sent);
    while (world.service.worker.running().length === 0) await new Promise((resolve) => setImmediate(resolve));
    const drained = world.service.drain();
    await world.service.worker.stop();
    await drained;
    assert.equal(await stateOf(world.config.dataDir, sent.correlationUid), "waiting");
    await world.fleet.close();
    rmSync(world.config.dataDir, { recursive: true });
  });
});
