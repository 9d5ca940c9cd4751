import assert from "node:assert/strict";
import { systemClock } from "../../../src/lib/clock.ts";
import { toWire } from "../../../src/notifications/client.ts";
import {
  receiveCancelAllDrlcEvents,
  receiveCancelDrlcEvent,
  receiveCancelMessage,
  receiveDrlcEvent,
  receiveMessage,
  receivePrice,
} from "../../../src/simulators/smart-energy/received.ts";
import type { RecordValues } from "../../../src/smart-energy/records.ts";
import { HttpClient } from "../../../src/transport/http-client.ts";
import { result, run, sample } from "../../e2e/harness.ts";
import { all } from "../../e2e/matrix-case.ts";
import { event, message, price } from "../../operations/smart-energy-values.ts";
import { document } from "./document.ts";
import { GATEWAY, SmartEnergyWorld } from "./world.ts";

/** Asks for events until there are so many of them; the service's own time limits stand behind it. */
async function found(world: SmartEnergyWorld, count: number, content = "") {
  for (let tries = 0; ; tries++) {
    const sent = await world.client.send(document("FindGatewayEvents", `${content}<$:Page>0</$:Page>`));
    if ("fault" in sent) assert.fail(sent.fault.xml);
    const answer = await result(world.client, sent);
    const kinds = all(answer, "Kind");
    if (kinds.length >= count || tries > 100) return { answer, kinds };
  }
}

/** Has a gateway tell each of the eleven. */
function tellAll({ gateway, node }: SmartEnergyWorld): void {
  receiveDrlcEvent(gateway, event(1));
  receiveCancelDrlcEvent(gateway, { issuer_event_id: 1, device_class: 0x0fff });
  receiveCancelAllDrlcEvents(gateway, {});
  receiveMessage(gateway, message(2));
  receiveCancelMessage(gateway, { message_id: 2 });
  receivePrice(gateway, price(3));
  const status: RecordValues = { issuer_event_id: 9, event_status: 0x42, event_status_time: 0 };
  gateway.tell("received_report_event_status", node.description, status);
  gateway.tell("received_message_confirmation", node.description, { message_id: 2, confirmation_time: 820_000_000 });
}

const ELEVEN = [
  "RECEIVED_CANCEL_ALL_DRLC_EVENTS",
  "RECEIVED_CANCEL_DRLC_EVENT",
  "RECEIVED_CANCEL_MESSAGE",
  "RECEIVED_DISPLAY_MESSAGE",
  "RECEIVED_DRLC_EVENT",
  "RECEIVED_MESSAGE_CONFIRMATION",
  "RECEIVED_PUBLISH_PRICE",
  "RECEIVED_REPORT_EVENT_STATUS",
  "UPDATED_ACTIVE_DRLC_EVENTS",
  "UPDATED_ACTIVE_MESSAGE",
  "UPDATED_ACTIVE_PRICE",
];

for (const release of ["1.3", "1.5"] as const) {
  describe(`events of a gateway, release ${release}`, () => {
    let world: SmartEnergyWorld;
    before(async () => {
      world = await SmartEnergyWorld.start({ METERGATE_SMART_ENERGY_POLL_MS: "20" }, { release });
    });
    after(() => world.stop());

    it("are fetched from its buffer, all eleven, kept and found", async () => {
      tellAll(world);
      const { answer, kinds } = await found(world, 13);
      assert.deepEqual([...new Set(kinds)].sort(), ELEVEN, answer.xml);
      // Active and no more: what is cancelled is told twice.
      assert.equal(kinds.filter((kind) => kind === "UPDATED_ACTIVE_DRLC_EVENTS").length, 2);
      assert.deepEqual(all(answer, "Name"), ["event_status"], answer.xml);
      assert.deepEqual(all(answer, "Value"), ["0x42"]);
      // Nothing is left anywhere: not in the gateway, not in the cloud.
      assert.deepEqual(world.gateway.buffered, []);
    });

    it("are found by name, kind and time", async () => {
      const { answer } = await found(world, 1, "<$:Kind>RECEIVED_PUBLISH_PRICE</$:Kind>");
      assert.deepEqual(all(answer, "Price"), ["1.20"]);
      const [uid] = all(answer, "EventUid");
      const byName = await found(world, 1, `<$:EventUid>${uid}</$:EventUid>`);
      assert.deepEqual(byName.kinds, ["RECEIVED_PUBLISH_PRICE"]);
      const late = await world.client.send(
        document("FindGatewayEvents", "<$:From>2099-01-01T00:00:00Z</$:From><$:Page>0</$:Page>"),
      );
      assert.ok(!("fault" in late));
      assert.deepEqual(all(await result(world.client, late), "Kind"), []);
    });

    it("have their owner notified", async () => {
      const { store } = world.world.service;
      await store.notifications.setAddress({
        ...{ organisation: "test-org", application: "ERP", url: "http://127.0.0.1:9/" },
      });
      world.gateway.tell("received_message_confirmation", world.node.description, { message_id: 77 });
      await found(world, 14);
      // Nothing may be sent to that address, so what was to be told is kept as dead, sooner or later.
      const lists = [await store.notifications.list("waiting", 99), await store.notifications.list("dead", 99)];
      const told = lists.flat().find(({ about }) => about === "DeviceReport");
      assert.equal(told?.device, GATEWAY);
      assert.equal(toWire(told).NotificationType, "GATEWAY_EVENT");
      const { answer } = await found(world, 1, `<$:EventUid>${told.correlationUid}</$:EventUid>`);
      assert.deepEqual(all(answer, "MessageId"), ["77"]);
    });
  });
}

describe("events of a gateway that uploads them", () => {
  const TOKEN = "utility:a push's password";
  let world: SmartEnergyWorld;
  let url: string;
  before(async () => {
    const settings = { METERGATE_SMART_ENERGY_PUSH_ENABLED: "true", METERGATE_SMART_ENERGY_PUSH_PORT: "0" };
    world = await SmartEnergyWorld.start(settings, { usesPush: true });
    const secrets = { DEVICE_CLOUD_PASSWORD: "correct horse battery", DEVICE_CLOUD_PUSH_PASSWORD: "a push's password" };
    await world.import({ keys: secrets });
    url = `http://127.0.0.1:${world.world.service.listeners["pushes of Device Cloud"]}/`;
  });
  after(() => world.stop());

  const put = async (body: string, token = TOKEN) => {
    const http = new HttpClient({ clock: systemClock });
    const headers = { authorization: `Basic ${Buffer.from(token).toString("base64")}` };
    return http.request({ method: "PUT", url: new URL(url), headers, body, isAllowed: () => true, timeoutMs: 60_000 });
  };

  it("are taken and kept once, however often they are pushed", async () => {
    world.gateway.eventCopies = 2;
    world.cloud.monitor({ url, token: TOKEN });
    await run(world.client, sample("CreateDrlcEvent", ["TESTSE0000000001", GATEWAY]));
    await world.cloud.pushed();
    const { answer, kinds } = await found(world, 2);
    assert.deepEqual(new Set(kinds), new Set(["RECEIVED_REPORT_EVENT_STATUS"]));
    // It goes on meanwhile, and may have ended.
    const told = all(answer, "EventStatus");
    assert.equal(new Set(told).size, told.length, answer.xml);
    assert.deepEqual(told.filter((status) => status !== "COMPLETED").sort(), ["COMMAND_RECEIVED", "STARTED"]);
    assert.deepEqual(new Set(all(answer, "SourceAddress")), new Set([world.node.description.mac]));
  });

  it("are refused without the password, and when they cannot be read", async () => {
    const { deviceId } = world.gateway.description;
    const data = Buffer.from("<received_publish_price/>").toString("base64");
    const push = (id: string) =>
      `<Document><Msg operation="INSERTION"><FileData><id><fdPath>/db/1_${id}/</fdPath></id><fdData>${data}</fdData></FileData></Msg></Document>`;
    assert.equal((await put(push(deviceId), "utility:wrong")).status, 401);
    assert.equal((await put(push(deviceId), "other:a push's password")).status, 401);
    assert.equal((await put(push("00000000-00000000-00000000-00000001"))).status, 401);
    assert.equal((await put("<Document><oops")).status, 400);
    assert.equal((await put('<!DOCTYPE x [<!ENTITY e "x">]><Document>&e;</Document>')).status, 400);
    assert.equal((await put(push(deviceId))).status, 200);
    assert.ok(world.world.complaints.every((text) => !text.includes("password'")));
  });
});
