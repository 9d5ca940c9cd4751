import assert from "node:assert/strict";
import type { Confirmation } from "../../../src/operations/ekm.ts";
import { KEY, MemoryWorld } from "./in-memory.ts";

const HOST = "ns4.ekmpush.com";
const CLOSE = ["SetRelay", { relay: "RELAY_1", status: "CLOSED", durationS: 0 }] as const;

describe("the channel for answers of EKM gateways", () => {
  let world: MemoryWorld;
  let exchanges: string[];
  const open = (...given: ConstructorParameters<typeof MemoryWorld>) => {
    world = new MemoryWorld(...given);
    exchanges = [];
    world.transport.onExchange = (what) => {
      exchanges.push(what);
      return "none";
    };
  };
  afterEach(() => world.close());

  async function command(stepMs?: number) {
    const request = world.request(world.meters[0]!, ...CLOSE);
    await world.until(request.run(), stepMs);
    return request.outcome!;
  }
  const confirmedBy = (outcome: Awaited<ReturnType<typeof command>>) =>
    outcome.ok ? (outcome.result as Confirmation).by : outcome.error.message;

  it("is listened to before a command is sent, when its host is known", async () => {
    open({ gateway: { responseHost: HOST } });
    assert.equal(confirmedBy(await command()), "ANSWER");
    assert.deepEqual(exchanges, ["GET /sub", "POST /sendCommand"]);
  });

  it("is learnt from the first answer, with what was said there before, and listened to first from then on", async () => {
    open();
    // The answer is there before anybody can listen.
    world.cloud.behaviour.busMs = 0;
    assert.equal(confirmedBy(await command()), "ANSWER");
    assert.deepEqual(exchanges, ["POST /sendCommand", "GET /sub"]);
    assert.match(world.transport.addresses[1]!, /^https:\/\/ns4\.ekmpush\.com\/sub\/metergate_[\w-]{24}\.b100$/);
    assert.equal(confirmedBy(await command()), "ANSWER");
    // It is open still.
    assert.deepEqual(exchanges.splice(0), ["POST /sendCommand", "GET /sub", "POST /sendCommand"]);
    await world.until(Promise.resolve(), 1);
    world.clock.advance(61_000);
    assert.equal(confirmedBy(await command()), "ANSWER");
    assert.deepEqual(exchanges, ["GET /sub", "POST /sendCommand"]);
  });

  it("is opened anew when it is cut in the middle of an answer, and loses none", async () => {
    for (const stream of ["http", "websocket"] as const) {
      open({ gateway: { responseHost: HOST, stream } });
      world.cloud.behaviour.cutStreamCount = 3;
      assert.equal(confirmedBy(await command(100)), "ANSWER");
      assert.equal(world.simulated(world.meters[0]!).executed.get("SetRelay"), 1);
      await world.close();
    }
    open();
  });

  it("keeps a command from being sent as long as it cannot be listened to", async () => {
    open({ gateway: { responseHost: HOST } });
    world.transport.onExchange = (what) => (what === "GET /sub" ? "before" : "none");
    const request = world.request(world.meters[0]!, ...CLOSE);
    await assert.rejects(world.until(request.run()), { code: "CONNECTION_ERROR", retry: true });
    assert.equal(world.cloud.executions.length, 0);
    world.transport.onExchange = () => "none";
    await world.until(request.run());
    assert.equal(confirmedBy(request.outcome!), "ANSWER");
  });

  it("is not looked for at a host that is not the cloud's", async () => {
    for (const host of ["evil.example", "ekmpush.com.evil.example", "notekmpush.com", "10.0.0.1", "localhost"]) {
      open();
      const { sendCommand } = world.cloud;
      world.cloud.sendCommand = (...given) => {
        const reply = sendCommand.apply(world.cloud, given);
        return { ...reply, body: reply.body.replaceAll(HOST, host) };
      };
      const outcome = await command();
      // The reading shows what the answer would have told.
      assert.equal(confirmedBy(outcome), "READING");
      assert.ok(world.transport.addresses.every((address) => address.startsWith("https://api.ekmpush.com/")));
      await world.close();
    }
    open();
  });

  it("is kept open for the latest gateways only, however many there are", async () => {
    open({ gateway: { responseHost: HOST } });
    let listening = 0;
    const { subscribe } = world.cloud.channels;
    world.cloud.channels.subscribe = (...given) => {
      const end = subscribe.apply(world.cloud.channels, given);
      listening += 1;
      let isOver = false;
      return () => {
        if (!isOver) listening -= 1;
        isOver = true;
        end();
      };
    };
    const [meter] = world.meters;
    const { gateway, find } = world;
    world.find = async (name) => (name.startsWith("EKMGATEWAY") ? { ...gateway, identification: name } : find(name));
    for (let i = 0; i < 100; i++) {
      const device = `EKMGATEWAY${String(i).padStart(6, "0")}`;
      world.vault.put(device, "EKM_KEY", KEY);
      const asked = world.request({ ...meter!, gateway: { device } }, ...CLOSE);
      await world.until(asked.run(), 20);
      assert.equal(confirmedBy(asked.outcome!), "ANSWER");
    }
    assert.ok(listening > 1 && listening <= 65, String(listening));
    await world.adapter.close();
    assert.equal(listening, 0);
  });

  it("bears a flood of what others say, and takes only the first answer with the command's id", async () => {
    open({ gateway: { responseHost: HOST } });
    world.cloud.behaviour.busMs = 5_000;
    let channel = "";
    const { subscribe } = world.cloud.channels;
    world.cloud.channels.subscribe = (name, listener) => {
      channel = name;
      return subscribe.call(world.cloud.channels, name, listener);
    };
    const flood = (times: number) => {
      for (let i = 0; i < times; i++) {
        const other = { msg_id: `foreign-${i}`, success: false, error: "x".repeat(20_000), data: null };
        world.cloud.channels.publish(channel, i % 3 ? JSON.stringify(other) : '"not an object", [{"a":');
      }
    };
    const before = process.memoryUsage().heapUsed;
    const running = command(200);
    await world.until(Promise.resolve(), 1);
    for (let i = 0; i < 20; i++) {
      flood(50);
      await world.until(Promise.resolve(), 1);
    }
    assert.ok(process.memoryUsage().heapUsed - before < 200_000_000);
    assert.match(confirmedBy(await running), /^(ANSWER|READING)$/);
    assert.equal(world.cloud.executions.length, 1);
  });
});

describe("a command to an EKM meter that nobody answers", () => {
  it("tells what was seen: that it was not carried out, or that nothing can show it", async () => {
    const world = new MemoryWorld({ gateway: { responseHost: HOST } });
    const [meter] = world.meters;
    const end = async (operation: string, request: object) => {
      const asked = world.request(meter!, operation, request);
      await world.until(asked.run());
      assert.ok(asked.outcome && !asked.outcome.ok);
      assert.equal(asked.outcome.error.code, "OUTCOME_UNKNOWN");
      return asked.outcome.error.message;
    };
    // Readings go on, while the gateway's commands wait.
    Object.assign(world.cloud.behaviour, { isGatewayOffline: true, expiryMs: 30_000 });
    assert.match(
      await end(...CLOSE),
      /^SetRelay: no answer came within 60 s; a reading of 2026-01-31T12:0\d:\d\d\.\d{3}Z does not show the effect\. It was not sent again\.$/,
    );
    assert.match(await end("SetRelay", { ...CLOSE[1], durationS: 5 }), /a reading of .* cannot tell/);
    assert.match(await end("SetLCD", { displayFields: ["kWh_Tot"] }), /cannot be asked: no reading shows/);
    assert.match(await end("SetHolidayDates", { holidays: [] }), /cannot be asked: GetSchedules: no answer came/);
    world.cloud.behaviour.isStale = true;
    assert.match(await end(...CLOSE), /cannot be asked: its latest reading is of 2026-01-31T/);
    assert.equal(world.cloud.executions.length, 0);
    await world.close();
  });

  it("is retried when it only asks", async () => {
    const world = new MemoryWorld({ gateway: { responseHost: HOST } });
    world.cloud.behaviour.lostShare = 1;
    const asked = world.request(world.meters[0]!, "GetTariffData", {});
    await assert.rejects(world.until(asked.run()), { code: "RESPONSE_TIMEOUT", retry: true });
    world.cloud.behaviour.lostShare = 0;
    await world.until(asked.run());
    assert.ok(asked.outcome?.ok);
    await world.close();
  });
});
