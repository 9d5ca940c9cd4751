import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import { run, sample } from "../../e2e/harness.ts";
import { all } from "../../e2e/matrix-case.ts";
import { price } from "../../operations/smart-energy-values.ts";
import { HuntedService } from "../hunted-service.ts";
import { document } from "./document.ts";
import { GATEWAY, startCloud } from "./world.ts";

const toGateway = (name: string) => sample(name, ["TESTSE0000000001", GATEWAY]);

/** Where the service dies, and how a client's request is known at the gateway. */
const KILLS = {
  synchronous: [
    ["CreateDrlcEvent", "before POST /ws/sci create_DRLC_event", "create_DRLC_event"],
    ["CreateMessageEvent", "after POST /ws/sci create_message_event", "create_message_event"],
  ],
  asynchronous: [
    ["CreatePriceEvent", "after POST /ws/sci create_price_event", "create_price_event"],
    ["CreateDrlcEvent", "after GET /ws/sci/", "create_DRLC_event"],
  ],
} as const;

describe("a service that is killed while a gateway of Smart Energy does what it was told", () => {
  for (const [exchange, kills] of Object.entries(KILLS)) {
    it(`ends each request in one result, and nothing is there twice: ${exchange}`, async () => {
      const { cloud, gateway, record } = await startCloud();
      const settings = { METERGATE_SMART_ENERGY_EXCHANGE: exchange, METERGATE_SMART_ENERGY_POLL_MS: "0" };
      const service = await HuntedService.start([record], settings);
      cloud.onExchange = (moment) => service.at(moment);
      try {
        for (const [name, moment, command] of kills) {
          const answer = await service.answerTo(toGateway(name), moment);
          assert.equal(leaf(answer, "Result"), "OK", answer.xml);
          assert.equal(gateway.executed.get(command), 1, moment);
        }
      } finally {
        await service.close();
        await cloud.close();
      }
    });
  }

  it("keeps each event once that it had fetched and not stored", async () => {
    const { cloud, gateway, record } = await startCloud();
    const service = await HuntedService.start([record], { METERGATE_SMART_ENERGY_POLL_MS: "50" });
    cloud.onExchange = (moment) => service.at(moment);
    try {
      await service.killAt("after POST /ws/sci get_responses", () =>
        gateway.tell("received_publish_price", gateway.utility, price(5)),
      );
      // It is in a job of the cloud alone.
      assert.deepEqual(gateway.buffered, []);
      for (let kinds: string[] = []; kinds.length === 0; ) {
        kinds = all(await run(service.client, document("FindGatewayEvents", "<$:Page>0</$:Page>")), "Kind");
        assert.ok(kinds.length <= 1 && kinds.every((kind) => kind === "RECEIVED_PUBLISH_PRICE"), kinds.join());
      }
    } finally {
      await service.close();
      await cloud.close();
    }
  });
});
