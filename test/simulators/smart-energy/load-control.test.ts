import assert from "node:assert/strict";
import {
  receiveCancelDrlcEvent,
  receiveCancelMessage,
  receiveDrlcEvent,
  receiveMessage,
  receivePrice,
} from "../../../src/simulators/smart-energy/received.ts";
import { toUtc2000 } from "../../../src/smart-energy/values.ts";
import { GatewayWorld, MINUTE, START } from "./gateway-world.ts";

const REPORT = "received_report_event_status";

describe("load control over simulated time", () => {
  let world: GatewayWorld;
  beforeEach(() => {
    world = new GatewayWorld();
  });
  afterEach(() => world.gateway.stop());

  it("goes from received over started to completed, each at its moment", () => {
    const node = world.node();
    assert.equal(world.status("create_DRLC_event", world.event(1, 10, 60)), 0);
    world.pass(9);
    assert.deepEqual(node.acting, []);
    world.pass(1);
    assert.deepEqual(node.acting, [1]);
    world.pass(60);
    assert.deepEqual(world.told(), [`0 ${REPORT} 1 0x1`, `10 ${REPORT} 1 0x2`, `70 ${REPORT} 1 0x3`]);
    assert.deepEqual([node.acting, world.gateway.drlc.entries], [[], []]);
  });

  it("is delayed at random by those that are asked to, at the start and at the end", () => {
    world.node({ startRandomisation: 30, endRandomisation: 20 });
    world.send("create_DRLC_event", world.event(1, 0, 60, { event_control: 3 }));
    world.send("create_DRLC_event", world.event(2, 200, 60, { event_control: 1 }));
    world.send("create_DRLC_event", world.event(3, 400, 60, { event_control: 0 }));
    world.pass(600);
    const told = world.told().filter((each) => !each.endsWith("0x1"));
    // The middle of 30 minutes and of 20, by a random source that always gives the middle.
    const expected = [
      `15 ${REPORT} 1 0x2`,
      `70 ${REPORT} 1 0x3`,
      `215 ${REPORT} 2 0x2`,
      `260 ${REPORT} 2 0x3`,
      `400 ${REPORT} 3 0x2`,
      `460 ${REPORT} 3 0x3`,
    ];
    assert.deepEqual(
      told.map((each) => each.replace(/^(\d+)\.\d+/, "$1")),
      expected,
    );
  });

  it("takes back an event only for all of its classes, and for its group or every group", () => {
    const cancel = (device_class: number, group = 0, id = 1) =>
      world.status("cancel_DRLC_event", { issuer_event_id: id, device_class, utility_enrollment_group: group });
    const create = (device_class: number, group = 0) =>
      world.status("create_DRLC_event", world.event(1, 0, 60, { device_class, utility_enrollment_group: group }));
    create(0x00ff);
    assert.equal(cancel(0x000f), 0x85);
    assert.equal(cancel(0x0ffe), 0x85);
    assert.equal(world.gateway.drlc.entries.length, 1);
    assert.equal(cancel(0x0fff), 0);
    create(0x00ff, 5);
    assert.equal(cancel(0x0fff, 6), 0x85);
    assert.equal(cancel(0x00ff, 5), 0);
    create(0x00ff, 5);
    assert.equal(cancel(0x0fff, 0), 0);
    assert.equal(cancel(0x0fff, 0, 99), 0x8b);
  });

  it("is never refused to be taken back by release 1.3", () => {
    world = new GatewayWorld({ release: "1.3" });
    world.send("create_DRLC_event", world.event(1, 0, 60, { device_class: 0xff }));
    assert.equal(world.status("cancel_DRLC_event", { issuer_event_id: 1, device_class: 0x0f }), 0);
    assert.equal(world.gateway.drlc.entries.length, 1);
  });

  it("keeps an event on the list until its cancel is effective", () => {
    world.node();
    world.send("create_DRLC_event", world.event(1, 0, 60));
    const effective = toUtc2000(START + 30 * MINUTE);
    world.send("cancel_DRLC_event", { issuer_event_id: 1, device_class: 0x0fff, effective_time: effective });
    world.pass(29);
    assert.equal(world.gateway.drlc.entries.length, 1);
    world.pass(1);
    assert.equal(world.gateway.drlc.entries.length, 0);
    world.pass(60);
    assert.deepEqual(world.told().at(-1), `30 ${REPORT} 1 0x6`);
  });

  it("has a later event take over from an earlier one of the same class, at its start", () => {
    const node = world.node();
    world.send("create_DRLC_event", world.event(1, 0, 60));
    world.send("create_DRLC_event", world.event(2, 30, 60));
    world.pass(30);
    assert.deepEqual(node.acting, [2]);
    world.pass(60);
    assert.deepEqual(world.told(), [
      `0 ${REPORT} 1 0x1`,
      `0 ${REPORT} 2 0x1`,
      `0 ${REPORT} 1 0x2`,
      `30 ${REPORT} 1 0x7`,
      `30 ${REPORT} 2 0x2`,
      `90 ${REPORT} 2 0x3`,
    ]);
  });

  it("has an event of some classes take only those, and refuses one that would start before", () => {
    const node = world.node({ deviceClass: 0x3 });
    world.send("create_DRLC_event", world.event(1, 0, 60, { device_class: 0x3 }));
    world.send("create_DRLC_event", world.event(2, 20, 20, { device_class: 0x1 }));
    world.pass(20);
    assert.deepEqual(node.acting, [1, 2]);
    world.send("create_DRLC_event", world.event(3, 30, 30, { device_class: 0x1 }));
    world.send("create_DRLC_event", world.event(4, 25, 30, { device_class: 0x1 }));
    assert.ok(world.told().includes(`20 ${REPORT} 4 0xFE`));
  });

  it("is silent to nodes of other classes and groups, and says what came too late", () => {
    world.node({ deviceClass: 0x2, enrollmentGroup: 1 });
    world.send("create_DRLC_event", world.event(1, 0, 60, { device_class: 0x1 }));
    world.send("create_DRLC_event", world.event(2, 0, 60, { utility_enrollment_group: 2 }));
    assert.deepEqual(world.told(), []);
    assert.equal(world.status("create_DRLC_event", world.event(3, -90, 60)), 0x85);
    assert.equal(world.status("create_DRLC_event", world.event(1, 0, 60)), 0x8a);
    assert.equal(world.status("create_DRLC_event", world.event(4, 0, 1441)), 0x85);
    for (let id = 10; id < 40; id++) world.send("create_DRLC_event", world.event(id, 0, 60));
    assert.equal(world.status("create_DRLC_event", world.event(99, 0, 60)), 0x89);
  });

  it("lets users opt out and in", () => {
    const node = world.node();
    world.send("create_DRLC_event", world.event(1, 10, 60));
    world.send("create_DRLC_event", world.event(2, 100, 60));
    node.opt(1, false);
    world.pass(110);
    node.opt(2, false);
    world.pass(60);
    const told = world.told().filter((each) => !each.endsWith("0x1"));
    assert.deepEqual(told, [
      `0 ${REPORT} 1 0x4`,
      `70 ${REPORT} 1 0xA`,
      `100 ${REPORT} 2 0x2`,
      `110 ${REPORT} 2 0x4`,
      `160 ${REPORT} 2 0x8`,
    ]);
  });

  it("has nodes of two kinds answer what is doubtful", () => {
    for (const [model, unknown] of [
      ["refusing", "0xFD"],
      ["simple", "0xFE"],
    ] as const) {
      world = new GatewayWorld();
      const node = world.node({ model });
      node.receiveCancel({ issuer_event_id: 9, device_class: 0xfff });
      node.receiveEvent(world.event(1, 0, 60, { device_class: 0xfff }));
      node.receiveCancel({ issuer_event_id: 1, device_class: 0xfff, effective_time: toUtc2000(START + 90 * MINUTE) });
      node.receiveCancelAll({});
      const told = world.told();
      assert.ok(told.includes(`0 ${REPORT} 9 ${unknown}`), told.join());
      assert.ok(told.includes(`0 ${REPORT} 1 ${model === "simple" ? "0xF8" : "0xF9"}`), told.join());
      assert.equal(told.at(-1), `0 ${REPORT} 1 0x6`);
    }
  });

  it("is sent to those that are counted as active, and told nothing by those that are gone", () => {
    const [gone, known] = [world.node(), world.node({ mac: "0013A200400A0002" })];
    known.isKnownActive = false;
    gone.isOnline = false;
    const answer = world.send("create_DRLC_event", world.event(1, 0, 60));
    const list = answer.children.find(({ name }) => name === "device_list");
    assert.deepEqual(
      list?.children.map(({ text }) => text),
      ["00:13:A2:00:40:0A:00:01"],
    );
    assert.deepEqual(world.told(), []);
  });

  it("does a day of events in no time", () => {
    const node = world.node();
    for (let id = 0; id < 24; id++) world.send("create_DRLC_event", world.event(id + 1, id * 60, 30));
    world.pass(24 * 60);
    assert.equal(world.told().length, 72);
    assert.deepEqual(node.acting, []);
  });
});

describe("active sets of a gateway that is a client", () => {
  let world: GatewayWorld;
  beforeEach(() => {
    world = new GatewayWorld({ sides: ["client"] });
  });
  afterEach(() => world.gateway.stop());

  it("change when events begin and end, and at no other time", () => {
    receiveDrlcEvent(world.gateway, world.event(1, 10, 20));
    receiveDrlcEvent(world.gateway, world.event(2, 20, 20));
    receiveDrlcEvent(world.gateway, world.event(2, 25, 20));
    world.pass(60);
    receiveCancelDrlcEvent(world.gateway, { issuer_event_id: 7, device_class: 0xfff });
    world.send("clear_DRLC_events");
    assert.deepEqual(world.told(), [
      "0 received_DRLC_event 1 status 0x0",
      "0 received_DRLC_event 2 status 0x0",
      "0 received_DRLC_event 2 status 0x8A",
      "10 updated_active_DRLC_events [1]",
      "20 updated_active_DRLC_events [1,2]",
      "30 updated_active_DRLC_events [2]",
      "40 updated_active_DRLC_events []",
      "60 received_cancel_DRLC_event 7 status 0x8B",
    ]);
  });

  it("change by clearing only when something was active", () => {
    receiveDrlcEvent(world.gateway, world.event(1, 0, 20));
    receiveDrlcEvent(world.gateway, world.event(2, 50, 20));
    world.pass(30);
    world.told();
    world.send("clear_DRLC_events");
    assert.deepEqual(world.told(), []);
    receiveDrlcEvent(world.gateway, world.event(3, 30, 20));
    world.told();
    world.send("clear_DRLC_events");
    assert.deepEqual(world.told(), ["30 updated_active_DRLC_events []"]);
  });

  const price = (id: number, startMinutes: number, minutes: number) => ({
    ...{
      issuer_event_id: id,
      start_time: toUtc2000(START + startMinutes * MINUTE),
      duration_in_minutes: minutes,
      price: id,
    },
  });
  const message = (id: number, startMinutes: number, minutes: number) => ({
    ...{
      message_id: id,
      start_time: toUtc2000(START + startMinutes * MINUTE),
      duration_in_minutes: minutes,
      message: "x",
    },
  });

  it("never hold two prices or two messages", () => {
    receivePrice(world.gateway, price(1, 0, 60));
    receivePrice(world.gateway, price(2, 30, 60));
    // Older than what it would replace.
    receivePrice(world.gateway, price(1, 40, 10));
    receiveMessage(world.gateway, message(5, 0, 0xffff));
    receiveMessage(world.gateway, message(6, 45, 15));
    for (let minute = 0; minute < 120; minute++) {
      assert.ok(world.gateway.receivedPrices.active().length <= 1);
      assert.ok(world.gateway.receivedMessages.active().length <= 1);
      world.pass(1);
    }
    const updates = world.told().filter((each) => each.includes("updated"));
    assert.deepEqual(updates, [
      "0 updated_active_price 1",
      "0 updated_active_message 5",
      "30 updated_active_price 2",
      "45 updated_active_message 6",
      "60 updated_active_message none",
      "90 updated_active_price none",
    ]);
  });

  it("keep a message on display whose cancel is to be confirmed, until it is", () => {
    receiveMessage(world.gateway, message(5, 0, 60));
    receiveCancelMessage(world.gateway, { message_id: 5, message_control: 0x80 });
    assert.equal(world.gateway.receivedMessages.active().length, 1);
    world.told();
    world.send("confirm_message_event", { message_id: 5 });
    assert.deepEqual(world.told(), ["0 updated_active_message none"]);
  });
});

describe("prices and messages of a gateway that is a server", () => {
  const create = (world: GatewayWorld, id: number, startMinutes: number, minutes: number) => {
    const start_time = toUtc2000(START + startMinutes * MINUTE);
    return world.status("create_price_event", {
      issuer_event_id: id,
      start_time,
      duration_in_minutes: minutes,
      price: 1,
    });
  };

  it("are cut by newer ones, or refused where the gateway is strict", () => {
    const world = new GatewayWorld();
    assert.deepEqual([create(world, 1, 0, 60), create(world, 2, 30, 60), create(world, 1, 40, 5)], [0, 0, 0x8a]);
    const [first, second] = world.gateway.prices.entries;
    assert.deepEqual([first?.endMs, second?.startMs], [START + 30 * MINUTE, START + 30 * MINUTE]);
    const strict = new GatewayWorld({ overlaps: "refused" });
    assert.deepEqual([create(strict, 1, 0, 60), create(strict, 2, 30, 60), create(strict, 3, 60, 60)], [0, 0x85, 0]);
  });

  it("clear only the gateway's own list of prices", () => {
    const world = new GatewayWorld();
    create(world, 1, 0, 60);
    receivePrice(world.gateway, { issuer_event_id: 9, duration_in_minutes: 60, price: 2 });
    world.send("cancel_all_price_events");
    assert.deepEqual([world.gateway.prices.entries.length, world.gateway.receivedPrices.entries.length], [0, 1]);
  });
});
