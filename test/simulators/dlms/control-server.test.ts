import assert from "node:assert/strict";
import { cosem } from "../../../src/dlms/data.ts";
import { toHex } from "../../../src/lib/bytes.ts";
import { parseObis } from "../../../src/lib/obis.ts";
import { type ControlServer, startControlServer } from "../../../src/simulators/dlms/control-server.ts";
import { type Fleet, startFleet } from "../../../src/simulators/dlms/fleet.ts";
import { DEFAULT_METER_KEYS } from "../../../src/simulators/dlms/meter-keys.ts";
import { listenTcp } from "../../../src/transport/open-listener.ts";

const FIRST = "SIMDM000000000001";

describe("the control interface of simulated meters", () => {
  let fleet: Fleet;
  let control: ControlServer;

  beforeEach(async () => {
    fleet = await startFleet([{ profile: "smr5.5" }, { profile: "dsmr4.2.2" }], { metersPerPort: 2 });
    control = await startControlServer(fleet, 0);
  });

  afterEach(async () => {
    await control.close();
    await fleet.close();
  });

  async function call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    const content = body === undefined ? undefined : JSON.stringify(body);
    const response = await fetch(`http://127.0.0.1:${control.port}${path}`, { method, body: content ?? null });
    return { status: response.status, body: await response.json() };
  }

  it("lists the meters with what is needed to reach them", async () => {
    const { status, body } = await call("GET", "/meters");
    assert.equal(status, 200);
    const [meter] = fleet.meters;
    assert.deepEqual((body as unknown[])[0], {
      identification: FIRST,
      protocol: "SMR",
      version: "5.5",
      security: "hls5",
      host: "127.0.0.1",
      port: meter!.port,
      logicalDevice: 1,
      systemTitle: toHex(meter!.meter.description.systemTitle),
      expectedInvocationCounter: 12_345,
    });
    assert.equal((body as unknown[]).length, 2);
  });

  it("reads and writes attributes of one meter as JSON", async () => {
    const path = `/meters/${FIRST}/1/0.1.94.31.3.255/2`;
    assert.deepEqual((await call("GET", path)).body, { type: "bit-string", value: "0001001000100000" });
    const written = await call("PUT", path, { type: "bit-string", value: "1000000000000000" });
    assert.equal(written.status, 200);
    assert.deepEqual((await call("GET", path)).body, { type: "bit-string", value: "1000000000000000" });
  });

  it("arranges what clients can only read, and past what the object would refuse", async () => {
    const written = await call("PUT", `/meters/${FIRST}/1/1.0.0.2.0.255/2`, { type: "octet-string", value: "4E4557" });
    assert.equal(written.status, 200);
    const value = fleet.meter(FIRST).read(1, parseObis("1.0.0.2.0.255"), 2);
    assert.deepEqual(value, cosem.octetString(new Uint8Array(Buffer.from("NEW"))));
  });

  it("refuses values of another type, unknown meters, objects, attributes and paths", async () => {
    const refusals = [
      ["PUT", `/meters/${FIRST}/1/0.1.94.31.3.255/2`, { type: "unsigned", value: 1 }, 400, "simulator/invalid-value"],
      ["PUT", `/meters/${FIRST}/1/0.1.94.31.3.255/2`, { type: "bit-string" }, 400, "simulator/invalid-value"],
      ["GET", "/meters/SIMDM000000000009", undefined, 404, "simulator/unknown-meter"],
      ["GET", `/meters/${FIRST}/1/9.9.9.9.9.255/2`, undefined, 404, "simulator/unknown-object"],
      ["GET", `/meters/${FIRST}/1/1.0.0.2.0.255/9`, undefined, 404, "simulator/unknown-object"],
      ["GET", `/meters/${FIRST}/1/1.0.0.2/2`, undefined, 404, "simulator/unknown-object"],
      ["GET", "/", undefined, 404, "simulator/unknown-object"],
      ["DELETE", `/meters/${FIRST}/push`, undefined, 404, "simulator/unknown-object"],
      ["POST", `/meters/${FIRST}/behaviours`, { name: "rude" }, 400, "simulator/invalid-option"],
      ["POST", `/meters/${FIRST}/push`, { host: "127.0.0.1", port: "x" }, 400, "simulator/invalid-value"],
      ["POST", `/meters/${FIRST}/push`, {}, 400, "simulator/no-destination"],
    ] as const;
    for (const [method, path, body, status, code] of refusals) {
      const answered = await call(method, path, body);
      assert.deepEqual(
        [answered.status, (answered.body as { code: string }).code],
        [status, code],
        `${method} ${path}`,
      );
    }
  });

  it("refuses a body that is no JSON or has no end", async () => {
    const url = `http://127.0.0.1:${control.port}/meters/${FIRST}/behaviours`;
    assert.equal((await fetch(url, { method: "POST", body: "{" })).status, 400);
    assert.equal((await fetch(url, { method: "POST", body: " ".repeat(1_100_000) })).status, 400);
  });

  it("adds behaviours to one meter and takes them all away", async () => {
    const path = `/meters/${FIRST}/behaviours`;
    assert.deepEqual((await call("POST", path, { name: "late", ms: 10 })).body, ["late"]);
    assert.deepEqual((await call("POST", path, { name: "wrong-tag" })).body, ["late", "wrong-tag"]);
    assert.deepEqual((await call("GET", path)).body, ["late", "wrong-tag"]);
    assert.deepEqual(fleet.meters[1]!.behaviours.names(), []);
    assert.deepEqual((await call("DELETE", path)).body, []);
    assert.equal(fleet.meter(FIRST).behaviours.isEmpty, true);
  });

  it("shows the keys in force", async () => {
    const { body } = await call("GET", `/meters/${FIRST}/keys`);
    assert.deepEqual(body, {
      encryptionUnicast: toHex(DEFAULT_METER_KEYS.encryptionUnicast),
      authentication: toHex(DEFAULT_METER_KEYS.authentication),
      master: toHex(DEFAULT_METER_KEYS.master),
      mbus: { 1: {} },
    });
  });

  it("has a meter push, and raise alarms that its filter lets through", async () => {
    const messages: string[] = [];
    let arrived = () => {};
    const limits = { connections: 9, connectionsPerSource: 9, idleTimeoutMs: 5000 };
    const listener = await listenTcp("127.0.0.1", 0, limits, () => ({
      data: (octets) => messages.push(toHex(octets)) > 0,
      end: () => arrived(),
    }));
    const push = async (body: object) => {
      const end = new Promise<void>((resolve) => {
        arrived = resolve;
      });
      const { status } = await call("POST", `/meters/${FIRST}/push`, body);
      assert.equal(status, 200);
      await end;
    };
    const target = { host: "127.0.0.1", port: listener.port };
    await push({ format: "dsmr4", alarmRegisters: [2], ...target });
    await push({ format: "smr5", trigger: "0.0.2.2.0.255", ...target });
    const destination = Buffer.from(`127.0.0.1:${listener.port}`).toString("hex");
    await call("PUT", `/meters/${FIRST}/40/0.1.25.9.0.255/3`, {
      type: "structure",
      value: [
        { type: "enumerate", value: 0 },
        { type: "octet-string", value: destination },
        { type: "enumerate", value: 0 },
      ],
    });
    await call("PUT", `/meters/${FIRST}/1/0.0.97.98.10.255/2`, { type: "double-long-unsigned", value: 4 });
    await push({ register: 1, bits: 4 });
    await listener.close();
    assert.match(messages[0]!, /2C00000002$/);
    assert.match(messages[1]!, /0202.*09060000020200FF$/);
    assert.match(messages[2]!, /0204.*06000000040600000000$/);
  });

  it("has the power fail for so long, and refuses what is no time", async () => {
    const { status } = await call("POST", `/meters/${FIRST}/power-failure`, { seconds: 310 });
    assert.equal(status, 200);
    const { body } = await call("GET", `/meters/${FIRST}/7/1.0.99.97.0.255/2`);
    const rows = (body as { value: { value: { value: unknown }[] }[] }).value;
    assert.equal(rows.at(-1)?.value[1]?.value, 310);
    for (const seconds of [undefined, 0, "310", 2 ** 32]) {
      assert.equal((await call("POST", `/meters/${FIRST}/power-failure`, { seconds })).status, 400);
    }
  });
});
