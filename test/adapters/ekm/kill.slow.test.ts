import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEMO_ORGANISATION } from "../../../src/cli/demo-fleet.ts";
import { ErpClient, leaf } from "../../../src/cli/erp-client.ts";
import { simulationFile } from "../../../src/cli/simulate-family.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { SimulatedCloud } from "../../../src/simulators/ekm/cloud.ts";
import { serveCloud } from "../../../src/simulators/ekm/server.ts";
import { GATEWAY, METERS, recordsAt } from "../../../src/simulators/ekm/simulation.ts";
import { sample, temporaryDirectory } from "../../e2e/harness.ts";
import { KillableService } from "../../e2e/kills.ts";
import { seeded } from "./in-memory.ts";

const [, METER] = METERS;

/** Where the service is killed: the cloud's steps of a command, in order. */
const MOMENTS = [
  "subscribe",
  "before the command",
  "after the command",
  "before the answer",
  "after the answer",
] as const;

describe("a service that is killed while it switches a relay of an EKM meter", () => {
  it("ends each request in one result, and never switches twice", async () => {
    const directory = temporaryDirectory();
    let place = "";
    const cloud = new SimulatedCloud({
      ...{ clock: systemClock, random: seeded(5), readEveryMs: 20, responseHost: () => place },
      gateways: [{ ...GATEWAY, meters: METERS }],
    });
    cloud.behaviour.busMs = 20;
    const server = await serveCloud(cloud, { host: "127.0.0.1", port: 0 });
    place = `127.0.0.1:${server.port}`;
    const service = new KillableService(directory.path, {
      METERGATE_EKM_ANSWER_TIMEOUT_MS: "1000",
      METERGATE_EKM_LOOK_TIMEOUT_MS: "500",
    });
    // Killed at once, and started again when it is gone.
    let killed: Promise<void> | undefined;
    let moment: (typeof MOMENTS)[number] | undefined;
    const at = (here: (typeof MOMENTS)[number]) => {
      if (here !== moment) return;
      moment = undefined;
      killed = service.kill();
    };
    const { sendCommand } = cloud;
    cloud.sendCommand = (...given) => {
      at("before the command");
      const reply = sendCommand.apply(cloud, given);
      at("after the command");
      return reply;
    };
    const { subscribe, publish } = cloud.channels;
    cloud.channels.subscribe = (...given) => {
      at("subscribe");
      return subscribe.apply(cloud.channels, given);
    };
    cloud.channels.publish = (...given) => {
      at("before the answer");
      publish.apply(cloud.channels, given);
      at("after the answer");
    };
    try {
      const file = join(directory.path, "devices.json");
      writeFileSync(
        file,
        simulationFile([{ places: [], records: recordsAt(place), close: async () => {} }], DEMO_ORGANISATION),
      );
      await service.command("devices", "import", file);
      await service.start();
      for (const [i, each] of MOMENTS.entries()) {
        const before = cloud.executions.length;
        moment = each;
        const status = i % 2 ? "OPEN" : "CLOSED";
        const document = sample("SetRelay", ["CLOSED", status], [">30<", ">0<"]);
        const sent = await new ErpClient(service.baseUrl, systemClock).send(document);
        assert.ok(!("fault" in sent));
        while (!killed) await new Promise((resolve) => setImmediate(resolve));
        await killed;
        killed = undefined;
        await service.start();
        const answer = await new ErpClient(service.baseUrl, systemClock).waitForResult(sent, 60_000);
        assert.ok(answer, each);
        const executed = cloud.executions.length - before;
        assert.ok(executed <= 1, `${each}: executed ${executed} times`);
        const isDone = cloud.meter(METER.address).relays[0]!.held === (status === "CLOSED");
        if (leaf(answer, "Result") === "OK") assert.ok(isDone, each);
        else assert.match(leaf(answer, "InnerMessage") ?? "", /It was not sent again/, each);
        assert.equal(isDone, executed === 1, each);
      }
    } finally {
      await service.kill();
      await server.close();
      directory.remove();
    }
  });
});
