import assert from "node:assert/strict";
import { systemClock } from "../../../src/lib/clock.ts";
import { startSimulation } from "../../../src/simulators/smart-energy/simulation.ts";
import { HttpClient } from "../../../src/transport/http-client.ts";

describe("the control interface of simulated gateways", () => {
  it("looks at gateways, arranges them, and has things go wrong", async () => {
    const simulation = await startSimulation({ host: "127.0.0.1", port: 0 });
    const http = new HttpClient({ clock: systemClock });
    try {
      const base = /http:\/\/127\.0\.0\.1:\d+/.exec(simulation.places[1]!)![0];
      const ask = async (method: "GET" | "POST" | "PUT" | "DELETE", path: string, body?: unknown) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        const url = new URL(path, base);
        const answer = await http.request({
          method,
          url,
          headers: {},
          body: text,
          isAllowed: () => true,
          timeoutMs: 60_000,
        });
        return { status: answer.status, body: JSON.parse(answer.body) };
      };
      const { body: gateways } = await ask("GET", "/gateways");
      assert.equal(gateways.length, 2);
      const path = `/gateways/${gateways[0].deviceId}`;
      assert.deepEqual((await ask("GET", path)).body.server.drlc, [70]);
      const price = { issuer_event_id: 900, duration_in_minutes: 60, price: 12 };
      const received = await ask("POST", `${path}/received/price`, price);
      assert.deepEqual(received.body.client.prices, [900]);
      // What was received, and that it is active.
      assert.equal(received.body.buffered - gateways[0].buffered, 2);
      assert.equal((await ask("PUT", `${path}/connected`, false)).body.isConnected, false);
      assert.equal((await ask("POST", "/misbehaviours", { kind: "late", delayMs: 5 })).status, 200);
      assert.equal((await ask("DELETE", "/misbehaviours")).status, 200);
      for (const wrong of [{ kind: "late" }, { kind: "unheard" }, 7, null]) {
        assert.equal((await ask("POST", "/misbehaviours", wrong)).status, 400);
      }
      assert.equal((await ask("POST", `${path}/opt-out`, { mac: "none", event: 1 })).status, 400);
      assert.equal((await ask("GET", "/other")).status, 400);
    } finally {
      await http.close();
      await simulation.close();
    }
  });
});
