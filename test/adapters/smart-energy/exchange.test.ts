import assert from "node:assert/strict";
import { leaf } from "../../../src/cli/erp-client.ts";
import type { Misbehaviour } from "../../../src/simulators/smart-energy/misbehaviour.ts";
import { result } from "../../e2e/harness.ts";
import { all } from "../../e2e/matrix-case.ts";
import { event } from "../../operations/smart-energy-values.ts";
import { document } from "./document.ts";
import { ACCOUNT, SmartEnergyWorld } from "./world.ts";

let nextId = 10_000;

for (const exchange of ["synchronous", "asynchronous"] as const) {
  describe(`a gateway and a cloud that do not do as they should, ${exchange}`, () => {
    let world: SmartEnergyWorld;
    before(async () => {
      world = await SmartEnergyWorld.start({
        ...{ METERGATE_SMART_ENERGY_EXCHANGE: exchange, METERGATE_SMART_ENERGY_TIMEOUT_MS: "3000" },
        ...{ METERGATE_MAX_RETRIES: "4", METERGATE_RETRY_DELAY_MS: "10" },
      });
    });
    afterEach(() => {
      world.cloud.misbehaviours.clear();
      world.gateway.takeBuffer(1000);
      world.gateway.drlc.clear();
    });
    after(() => world.stop());

    /** Creates an event while something goes wrong; how often the gateway took one is counted. */
    async function create(...wrong: readonly Misbehaviour[]) {
      const id = nextId++;
      const before = world.gateway.drlc.entries.length;
      const sent = await world.client.send(
        document("CreateDrlcEvent", `<$:Record><$:EventId>${id}</$:EventId><$:Duration>60</$:Duration></$:Record>`),
      );
      if ("fault" in sent) assert.fail(sent.fault.xml);
      world.cloud.misbehaviours.add(...wrong);
      const answer = await result(world.client, sent);
      const starts = world.gateway.drlc.entries.filter((entry) => entry.id === id).length;
      return { id, answer, starts, added: world.gateway.drlc.entries.length - before };
    }

    for (const wrong of [
      { kind: "late", delayMs: 50, on: "create_DRLC_event" },
      { kind: "twice", on: "create_DRLC_event" },
      { kind: "for-another", on: "create_DRLC_event" },
      { kind: "offline" },
      { kind: "status", status: 503 },
      { kind: "status", status: 429 },
      { kind: "garbage" },
      { kind: "huge", octets: 5_000_000 },
      { kind: "refuse", text: "Transmit failure: TX status 0x21", on: "create_DRLC_event" },
    ] as const satisfies readonly Misbehaviour[]) {
      it(`${JSON.stringify(wrong)}: the event is there once, and said so`, async () => {
        const { answer, added, id } = await create(wrong);
        assert.equal(leaf(answer, "Result"), "OK", answer.xml);
        assert.equal(leaf(answer, "EventId"), String(id));
        assert.equal(added, 1);
      });
    }

    for (const kind of ["cut-before", "cut-after"] as const) {
      for (let skip = 0; skip < 4; skip++) {
        it(`${kind} of exchange ${skip + 1}: nothing is lost and nothing done twice`, async () => {
          const made = world.gateway.executed.get("create_DRLC_event") ?? 0;
          const { answer, added } = await create({ kind, skip });
          assert.equal(leaf(answer, "Result"), "OK", answer.xml);
          assert.equal(added, 1);
          assert.equal((world.gateway.executed.get("create_DRLC_event") ?? 0) - made, 1);
        });
      }
    }

    it("cancels that are cut are as good as done when they were", async () => {
      const { id } = await create();
      world.cloud.misbehaviours.add({ kind: "cut-after", on: "cancel_DRLC_event" });
      const sent = await world.client.send(
        document("CancelDrlcEvent", `<$:Record><$:EventId>${id}</$:EventId></$:Record>`),
      );
      assert.ok(!("fault" in sent));
      const answer = await result(world.client, sent);
      assert.equal(leaf(answer, "Result"), "OK", answer.xml);
      assert.equal(world.gateway.drlc.find(id), undefined);
    });

    it("says what the gateway says no to, and does not ask again", async () => {
      world.gateway.drlc.clear();
      const made = world.gateway.executed.get("cancel_DRLC_event") ?? 0;
      const sent = await world.client.send(
        document("CancelDrlcEvent", "<$:Record><$:EventId>4</$:EventId></$:Record>"),
      );
      assert.ok(!("fault" in sent));
      const answer = await result(world.client, sent);
      assert.match(leaf(answer, "InnerMessage") ?? "", /status 0x8B NOT_FOUND/);
      assert.equal((world.gateway.executed.get("cancel_DRLC_event") ?? 0) - made, 1);
    });

    it("follows no redirect, and gives the password to nobody else", async () => {
      const { answer, added } = await create({ kind: "status", status: 302, location: "http://127.0.0.1:9/ws/sci" });
      assert.match(leaf(answer, "InnerMessage") ?? "", /HTTP 302, a redirect, which is not followed/);
      assert.equal(added, 0);
    });

    it("leaves no job behind, and no secret anywhere", async () => {
      assert.ok(world.cloud.jobs <= 8, `${world.cloud.jobs} jobs`);
      const { store } = world.world.service;
      const failed = await store.requests.listUnfinished(100);
      const texts = [...world.world.complaints, JSON.stringify(failed), ...world.cloud.exchanges];
      for (const text of texts) assert.ok(!text.includes(ACCOUNT.password) && !text.includes("Basic "), text);
    });
  });
}

describe("what a gateway says to a search for its buffer", () => {
  it("is found again when whoever fetched it was gone before it was durable", async () => {
    const world = await SmartEnergyWorld.start({ METERGATE_SMART_ENERGY_POLL_MS: "20" });
    try {
      // The job is there, and its content is out of the gateway's buffer, when the connection is cut.
      world.cloud.misbehaviours.add({ kind: "cut-before", on: "GET /ws/sci/", times: 1 });
      world.gateway.tell("received_publish_price", world.gateway.utility, { ...event(5), price: 7 });
      for (let tries = 0; tries < 100; tries++) {
        const sent = await world.client.send(document("FindGatewayEvents", "<$:Page>0</$:Page>"));
        assert.ok(!("fault" in sent));
        const answer = await result(world.client, sent);
        if (all(answer, "Kind").length > 0) {
          assert.deepEqual(all(answer, "Kind"), ["RECEIVED_PUBLISH_PRICE"]);
          return;
        }
      }
      assert.fail("the event was lost");
    } finally {
      await world.stop();
    }
  });
});
