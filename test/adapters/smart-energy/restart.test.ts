import assert from "node:assert/strict";
import { ErpClient, leaf } from "../../../src/cli/erp-client.ts";
import { nextTurn, systemClock } from "../../../src/lib/clock.ts";
import { startService } from "../../../src/service.ts";
import { result } from "../../e2e/harness.ts";
import { document } from "./document.ts";
import { SmartEnergyWorld } from "./world.ts";

const silent = { debug() {}, info() {}, warn() {}, error() {} };

for (const exchange of ["synchronous", "asynchronous"] as const) {
  describe(`a service that ends while a gateway's answer is on its way, ${exchange}`, () => {
    it("finds out after its next start that the event is there, and creates no other", async () => {
      const world = await SmartEnergyWorld.start({ METERGATE_SMART_ENERGY_EXCHANGE: exchange });
      const { gateway, cloud } = world;
      try {
        const on = exchange === "synchronous" ? "create_DRLC_event" : "GET /ws/sci/";
        cloud.misbehaviours.add({ kind: "silent-after", on });
        const record = "<$:Record><$:EventId>55</$:EventId><$:Duration>60</$:Duration></$:Record>";
        const sent = await world.client.send(document("CreateDrlcEvent", record));
        assert.ok(!("fault" in sent));
        // The gateway has it, and nobody was told.
        const isAsked = () =>
          cloud.exchanges.some((each) => each.startsWith(exchange === "synchronous" ? "POST" : "GET"));
        while (!gateway.drlc.find(55) || !isAsked()) await nextTurn();
        await world.world.service.stop();
        const service = await startService(world.world.config, { logger: silent });
        try {
          const answer = await result(new ErpClient(service.baseUrl, systemClock), sent);
          assert.equal(leaf(answer, "Result"), "OK", answer.xml);
          assert.equal(leaf(answer, "EventId"), "55");
          assert.equal(gateway.executed.get("create_DRLC_event"), 1);
        } finally {
          await service.stop();
        }
      } finally {
        await world.stop();
      }
    });
  });
}
