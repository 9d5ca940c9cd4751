import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { SimulatedCloud } from "../../../src/simulators/ekm/cloud.ts";
import { serveCloud } from "../../../src/simulators/ekm/server.ts";
import { GATEWAY, METERS, recordsAt } from "../../../src/simulators/ekm/simulation.ts";
import { sample } from "../../e2e/harness.ts";
import { HuntedService } from "../hunted-service.ts";
import { seeded } from "./in-memory.ts";

const [, METER] = METERS;

/** The cloud's steps of a command, in order. */
const MOMENTS = [
  "subscribe",
  "before the command",
  "after the command",
  "before the answer",
  "after the answer",
] as const;

describe("a service that is killed while it switches a relay of an EKM meter", () => {
  it("ends each request in one result, and never switches twice", async () => {
    let place = "";
    const cloud = new SimulatedCloud({
      ...{ clock: systemClock, random: seeded(5), readEveryMs: 20, responseHost: () => place },
      gateways: [{ ...GATEWAY, meters: METERS }],
    });
    cloud.behaviour.busMs = 20;
    const server = await serveCloud(cloud, { host: "127.0.0.1", port: 0 });
    place = `127.0.0.1:${server.port}`;
    const service = await HuntedService.start(recordsAt(place), {
      METERGATE_EKM_ANSWER_TIMEOUT_MS: "1000",
      METERGATE_EKM_LOOK_TIMEOUT_MS: "500",
    });
    const at = (here: (typeof MOMENTS)[number]) => void service.at(here);
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
      for (const [i, moment] of MOMENTS.entries()) {
        const before = cloud.executions.length;
        const status = i % 2 ? "OPEN" : "CLOSED";
        const document = sample("SetRelay", ["CLOSED", status], [">30<", ">0<"]);
        const answer = await service.answerTo(document, moment);
        const executed = cloud.executions.length - before;
        assert.ok(executed <= 1, `${moment}: executed ${executed} times`);
        const isDone = cloud.meter(METER.address).relays[0]!.held === (status === "CLOSED");
        if (leaf(answer, "Result") === "OK") assert.ok(isDone, moment);
        else assert.match(leaf(answer, "InnerMessage") ?? "", /It was not sent again/, moment);
        assert.equal(isDone, executed === 1, moment);
      }
    } finally {
      await service.close();
      await server.close();
    }
  });
});
