import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { systemRandom } from "../../../src/lib/random.ts";
import { SimulatedEgauge } from "../../../src/simulators/egauge/meter.ts";
import { serveMeter } from "../../../src/simulators/egauge/server.ts";
import { run } from "../../e2e/harness.ts";
import { HuntedService } from "../hunted-service.ts";
import { document, METER, QUICK, recordOf } from "./world.ts";

const INSTALL = "<$:Action>INSTALL</$:Action><$:Target>FIRMWARE</$:Target>";
const ZERO = "<$:Action>ZERO</$:Action><$:DatabaseId>7</$:DatabaseId>";

/** What is sent, where the service dies, what the meter counts of it, and whether the meter shows that it was done. */
const KILLS = [
  ["Reboot", "", "after POST /cmd/reboot", "reboot", "shown"],
  ["MaintainDatabase", ZERO, "after POST /cmd/db", "db", "unknown"],
  ["UpdateSoftware", INSTALL, "after GET /sys/status", "update", "shown"],
  ["GenerateAndReplaceKeys", "", "after POST /config/user", "POST /config/user/owner", "shown"],
] as const;

describe("a service that is killed while an eGauge meter does what it was told", () => {
  it("ends each request in one result, and nothing that moves is done twice", async () => {
    const meter = new SimulatedEgauge({
      ...{ identification: METER, clock: systemClock, random: systemRandom, pace: QUICK },
    });
    const server = await serveMeter(meter, "127.0.0.1", 0);
    const service = await HuntedService.start([recordOf(meter, server.port)], { METERGATE_EGAUGE_POLL_MS: "20" });
    const react = meter.react.bind(meter);
    meter.react = (request) => {
      const exchange = `${request.method} ${request.path}`;
      void service.at(`before ${exchange}`);
      const reaction = react(request);
      void service.at(`after ${exchange}`);
      return reaction;
    };
    try {
      for (const [operation, content, moment, command, how] of KILLS) {
        const before = meter.executed.filter((each) => each === command).length;
        const answer = await service.answerTo(document(operation, content), moment);
        const executed = meter.executed.filter((each) => each === command).length - before;
        assert.equal(executed, 1, `${operation} ${moment}`);
        if (how === "shown") assert.equal(leaf(answer, "Result"), "OK", answer.xml);
        else assert.match(leaf(answer, "InnerMessage") ?? "", /It was not sent again/, answer.xml);
      }
      // The vault has the password that the meter has, whichever that is.
      assert.equal(leaf(await run(service.client, document("ReadRegisters")), "Result"), "OK");
    } finally {
      await service.close();
      await server.close();
    }
  });
});
