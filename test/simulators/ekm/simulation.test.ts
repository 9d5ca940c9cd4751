import assert from "node:assert/strict";
import { ManualClock } from "../../../src/lib/clock.ts";
import { SimulatedCloud } from "../../../src/simulators/ekm/cloud.ts";
import { SimulatedEkmMeter } from "../../../src/simulators/ekm/meter.ts";
import { Parameters } from "../../../src/simulators/ekm/parameters.ts";
import { readingOf } from "../../../src/simulators/ekm/reading.ts";
import { startSimulation } from "../../../src/simulators/ekm/simulation.ts";
import { seeded } from "../../adapters/ekm/in-memory.ts";

const START_MS = Date.UTC(2026, 0, 30, 12);

describe("the simulated EKM cloud that a command starts", () => {
  it("has a control interface on loopback, which arranges meters and misbehaviour", async () => {
    const simulation = await startSimulation({ host: "127.0.0.1", port: 0 });
    try {
      const [, control = ""] = simulation.places;
      const base = control.replace(/^control at (.*)\/meters$/, "$1");
      assert.match(base, /^http:\/\/127\.0\.0\.1:\d+$/);
      const call = async (method: string, path: string, body?: object) => {
        const answer = await fetch(base + path, { method, ...(body && { body: JSON.stringify(body) }) });
        return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
      };
      const changed = await call("PATCH", "/meters/000000010002", { isSilent: true, watts: [1, 2, 3] });
      assert.deepEqual([changed.status, changed.body.isSilent, changed.body.watts], [200, true, [1, 2, 3]]);
      assert.equal((await call("PATCH", "/behaviour", { foreignShare: 0.5 })).body.foreignShare, 0.5);
      assert.equal((await call("GET", "/executions")).status, 200);
      for (const [path, body, text] of [
        ["/behaviour", { unheardOf: 1 }, /unknown unheardOf/],
        ["/behaviour", { lostShare: "all" }, /lostShare is a number/],
        ["/meters/000000010002", { watts: [1] }, /three numbers/],
        ["/meters/000000099999", {}, /no meter/],
      ] as const) {
        const refused = await call("PATCH", path, body);
        assert.equal(refused.status, 400);
        assert.match(String(refused.body.error), text);
      }
      assert.equal((await call("DELETE", "/meters")).status, 400);
    } finally {
      await simulation.close();
    }
  });
});

describe("a simulated EKM meter", () => {
  const make = (version: "v3" | "v4" | "v5" = "v4") =>
    new SimulatedEkmMeter({ address: "000000010001", version }, START_MS);
  const order = (meter: SimulatedEkmMeter, command: string, params: object, nowMs = START_MS) =>
    meter.execute(command, new Parameters(params, true), nowMs);

  it("lets a relay deviate for some seconds, and return to what is held", () => {
    const meter = make();
    const state = (afterS: number) => readingOf(meter, START_MS + afterS * 1000).State_Out;
    order(meter, "SetRelay", { relay: "Relay_1", status: "close", duration: 10 });
    assert.deepEqual([state(0), state(9), state(10)], ["3", "3", "1"]);
    order(meter, "SetRelay", { relay: "relay_2", status: "close", duration: 0 }, START_MS + 20_000);
    // Deviating to what is held changes nothing, then or afterwards.
    order(meter, "SetRelay", { relay: "Relay_2", status: "close", duration: 5 }, START_MS + 21_000);
    assert.deepEqual([state(22), state(60)], ["2", "2"]);
    // A new order takes the place of one that runs.
    order(meter, "SetRelay", { relay: "Relay_2", status: "open", duration: 100 }, START_MS + 61_000);
    order(meter, "SetRelay", { relay: "Relay_2", status: "close", duration: 0 }, START_MS + 62_000);
    assert.deepEqual([state(63), state(500)], ["2", "2"]);
  });

  it("shows the day of the week with Sunday first, and counts a day of energy in its registers", () => {
    const meter = make();
    assert.equal(readingOf(meter, START_MS).Meter_Time, "26013006120000");
    const [total, reverse] = [meter.forward[0], meter.reverse[0]];
    meter.passTime(START_MS + 86_400_000);
    // 500, 300 and 100 W, the last of them back.
    assert.ok(Math.abs(meter.forward[0] - total - 21.6) < 1e-6);
    assert.ok(Math.abs(meter.reverse[0] - reverse - 2.4) < 1e-6);
  });

  it("shifts its months when one ends", () => {
    const meter = make();
    const before = meter.months[0]!.forward[0];
    meter.passTime(START_MS + 3 * 86_400_000);
    assert.deepEqual([meter.months[1]!.forward[0], meter.months.length], [before, 6]);
    assert.ok(meter.months[0]!.forward[0] > 0);
  });

  it("refuses what a meter refuses", () => {
    const meter = make();
    const refused = (command: string, params: object, of = meter) => {
      assert.throws(() => order(of, command, params), { code: "EKM_REFUSAL" }, `${command} ${JSON.stringify(params)}`);
    };
    const time = { year: "2026", month: "02", day: "28", hour: "23", minutes: "59", seconds: "59" };
    order(meter, "SetTime", time);
    for (const part of [{ day: "30" }, { month: "13" }, { hour: "24" }, { minutes: 5 }]) {
      refused("SetTime", { ...time, ...part });
    }
    refused("SetCTRatio", { ct_ratio: 200 });
    refused("SetCTRatio", { ct_ratio: "150" });
    refused("SetRelay", { relay: "Relay_3", status: "close" });
    refused("SetRelay", { relay: "Relay_1", status: "closed" });
    refused("SetRelay", { relay: "Relay_1", status: "close", duration: 10_000 });
    refused("SetLCD", { display_fields: [] });
    refused("SetLCD", { display_fields: ["Temperature"] });
    refused("SetMaxDemandPeriod", { max_demand_period: 4 });
    refused("SetMeterPassword", { new_password: "1234" });
    refused("SetMaxDemandResetNow", { meter_password: "12345678" });
    refused("SetRelay", { relay: "Relay_1", status: "close" }, make("v3"));
    meter.isSilent = true;
    refused("GetSchedules", {});
  });
});

describe("the simulated EKM cloud", () => {
  const make = () => {
    const clock = new ManualClock(START_MS);
    const meters = [{ address: "000000010001", version: "v4" as const }];
    const cloud = new SimulatedCloud({
      ...{ clock, random: seeded(3), responseHost: () => "ns4.ekmpush.com" },
      gateways: [{ key: "k", mac: "0004A3B0C0D1", meters }],
    });
    const send = (body: object, query = "") => cloud.sendCommand(new URLSearchParams(query), JSON.stringify(body));
    return { clock, cloud, send };
  };
  const COMMAND = { command: "SetMaxDemandResetNow", target: "meter", target_id: "000000010001", key: "k" };

  it("refuses what it cannot hand on", () => {
    const { cloud, send } = make();
    assert.equal(send(COMMAND).status, 200);
    for (const wrong of [{ key: "x" }, { command: "Explode" }, { target: "gateway" }, { target_id: "10001" }]) {
      assert.equal(send({ ...COMMAND, ...wrong }).status, 400, JSON.stringify(wrong));
    }
    assert.equal(cloud.sendCommand(new URLSearchParams("key=k"), "[").status, 400);
    // The key of the address goes before that of the body; a MAC has to be that of the key's gateway.
    assert.equal(send(COMMAND, "key=x").status, 400);
    assert.equal(send({ ...COMMAND, key: undefined }, "key=k&gateway=0004A3B0C0D1").status, 200);
    assert.equal(send(COMMAND, "key=k&gateway=0004A3B0C0D2").status, 400);
    assert.equal(cloud.readMeter(new URLSearchParams("key=x")).status, 403);
    cloud.close();
  });

  it("keeps commands for a gateway that is away, until they expire without a word", () => {
    const { clock, cloud, send } = make();
    const heard: string[] = [];
    cloud.behaviour.isGatewayOffline = true;
    send({ ...COMMAND, response_channel_id: "c" });
    cloud.channels.subscribe("c", (message) => heard.push(message));
    clock.advance(200_000);
    cloud.behaviour.isGatewayOffline = false;
    clock.advance(5_000);
    assert.equal(JSON.parse(heard[0]!).success, true);
    cloud.behaviour.isGatewayOffline = true;
    send({ ...COMMAND, response_channel_id: "c" });
    clock.advance(400_000);
    cloud.behaviour.isGatewayOffline = false;
    clock.advance(5_000);
    assert.deepEqual([heard.length, cloud.executions.length], [1, 1]);
    cloud.close();
  });
});
