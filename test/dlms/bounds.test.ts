import assert from "node:assert/strict";
import { BlockAssembler } from "../../src/dlms/blocks.ts";
import {
  type Apdu,
  type ClientEvent,
  cosem,
  DlmsClient,
  type DlmsClientOptions,
  type DlmsError,
  encodeApdu,
  encodeWrapperFrame,
  type ServiceRequest,
  WrapperClientLink,
} from "../../src/dlms/index.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { clientSecurity, Session, serverAssociation } from "./session.ts";

/** What a peer cannot make this library do: keep it busy, or filled, without end. */

const logicalName = parseObis("0.0.1.0.0.255");
const attribute = { classId: 8, logicalName, attribute: 2 };
const get: ServiceRequest = { type: "get", attributes: [attribute] };
const action: ServiceRequest = {
  type: "action",
  methods: [{ classId: 18, logicalName, method: 1 }],
  parameters: [undefined],
};
const invoke = { id: 1, confirmed: true, highPriority: false };
const AARE = fromHex("6129A109060760857405080101A203020100A305A103020100BE10040E0800065F1F040000FE1DFFFF0007");
const notification = encodeApdu({
  type: "data-notification",
  longInvokeIdAndPriority: 1,
  dateTime: new Uint8Array(0),
  body: cosem.unsigned(7),
});

const framed = (apdu: Uint8Array) => encodeWrapperFrame({ source: 1, destination: 1, apdu });

/** A client that is associated with nobody but the test. */
function associated(options: Partial<DlmsClientOptions> = {}): DlmsClient {
  const link = new WrapperClientLink({ client: 1, server: 1 });
  const client = new DlmsClient({ link, security: { type: "none" }, ...options });
  client.connect();
  client.receive(framed(AARE));
  assert.deepEqual(
    drain(client).map(({ type }) => type),
    ["send", "associated"],
  );
  return client;
}

function drain(client: DlmsClient): ClientEvent[] {
  const events: ClientEvent[] = [];
  for (let event = client.nextEvent(); event; event = client.nextEvent()) events.push(event);
  return events;
}

/** Feeds answers until something else comes of one than the next question; how many it took, and the end. */
function feed(client: DlmsClient, request: ServiceRequest, answer: (number: number) => Apdu): [number, DlmsError] {
  client.request(request);
  for (let number = 1; number < 30_000; number++) {
    client.receive(framed(encodeApdu(answer(number))));
    const end = drain(client).find(({ type }) => type !== "send");
    if (!end) continue;
    assert.ok(end.type === "refused" || end.type === "failed", end.type);
    return [number, end.error];
  }
  assert.fail("it never ends");
}

describe("a long transfer", () => {
  const endless = (length: number) => ({
    get: (number: number): Apdu => ({
      type: "get-response-with-datablock",
      invoke,
      block: { last: false, number, raw: new Uint8Array(length) },
    }),
    action: (number: number): Apdu => ({
      type: "action-response-with-pblock",
      invoke,
      block: { last: false, number, raw: new Uint8Array(length) },
    }),
  });

  for (const length of [0, 1]) {
    for (const [name, request] of [
      ["get", get],
      ["action", action],
    ] as const) {
      it(`of blocks of ${length} octets for ever ends after 10,000 of them, ${name}`, () => {
        const [number, error] = feed(associated(), request, endless(length)[name]);
        assert.deepEqual([number, error.code, error.context], [10_001, "remote/too-many", { limit: 10_000 }]);
      });
    }
  }

  it("may have as many blocks as the client's options say", () => {
    const [number] = feed(associated({ maxBlocks: 12 }), get, endless(1).get);
    assert.equal(number, 13);
  });

  it("ends after 2 MiB unless the client's options say otherwise, and the association goes on", () => {
    const client = associated();
    const [number, error] = feed(client, get, endless(60_000).get);
    assert.deepEqual([number, error.code], [35, "remote/too-large"]);
    assert.equal(client.state, "associated");
    const [few] = feed(associated({ maxAnswerLength: 130_000 }), get, endless(60_000).get);
    assert.equal(few, 3);
  });

  it("of 160,000 blocks is put together, and takes the octets of each and nothing else", () => {
    const assembler = new BlockAssembler({ maxLength: 200_000, maxBlocks: 200_000 });
    const raw = new Uint8Array(1);
    for (let number = 1; number < 160_000; number++) {
      raw[0] = number;
      assert.equal(assembler.add({ last: false, number, raw }), undefined);
    }
    const whole = assembler.add({ last: true, number: 160_000, raw: Uint8Array.of(0) });
    assert.equal(whole?.length, 160_000);
    assert.ok(whole?.every((octet, i) => octet === (i === 159_999 ? 0 : (i + 1) & 0xff)));
  });

  it("of a client has no more blocks than the server's options say", () => {
    const session = new Session({
      server: { maxBlocks: 5 },
      association: serverAssociation("none", { maxReceivePduSize: 64 }),
      answer: () => ({ type: "set", results: ["success"] }),
    }).connect();
    const set = (length: number) =>
      session.response({ type: "set", attributes: [attribute], values: [cosem.octetString(new Uint8Array(length))] });
    assert.deepEqual(set(150), { type: "set", results: ["success"] });
    assert.deepEqual(set(500), { type: "set", results: ["long-set-aborted"] });
  });
});

describe("a flood of notifications", () => {
  /** How many notifications it takes until the client has had enough. */
  function flood(client: DlmsClient, apdu = notification): [number, ClientEvent | undefined] {
    for (let number = 1; number < 30_000; number++) {
      client.receive(framed(apdu));
      const end = drain(client).find(({ type }) => type !== "notification" && type !== "frame-dropped");
      if (end) return [number, end];
    }
    return [Number.POSITIVE_INFINITY, undefined];
  }

  function assertCut([number, end]: [number, ClientEvent | undefined], limit: number): void {
    assert.equal(number, limit + 1);
    assert.ok(end?.type === "failed");
    assert.deepEqual([end.error.code, end.error.context], ["remote/too-many", { limit }]);
  }

  it("ends the association after 1,000, right after the AARE, in the middle of a request, and before either", () => {
    assertCut(flood(associated()), 1000);
    const requesting = associated();
    requesting.request(get);
    drain(requesting);
    assertCut(flood(requesting), 1000);
    const associating = new DlmsClient({
      link: new WrapperClientLink({ client: 1, server: 1 }),
      security: clientSecurity("hls5"),
    });
    associating.connect();
    drain(associating);
    assertCut(flood(associating), 1000);
  });

  it("counts those that cannot be read, and begins anew with each request and each answer", () => {
    assertCut(flood(associated({ maxNotifications: 3 }), fromHex("0F00")), 3);
    const client = associated({ maxNotifications: 3 });
    for (let round = 0; round < 5; round++) {
      client.request(get);
      for (let i = 0; i < 3; i++) client.receive(framed(notification));
      client.receive(framed(fromHex(`C4014${(round + 1).toString(16)}001107`)));
      for (let i = 0; i < 3; i++) client.receive(framed(notification));
      const types = drain(client).map(({ type }) => type);
      assert.deepEqual(
        types.filter((type) => type !== "notification"),
        ["send", "response"],
      );
    }
  });
});

describe("taking octets in", () => {
  it("tells of a defect as an event and never throws it", () => {
    const defect = new Error("not foreseen");
    let isArmed = false;
    const onApdu = () => {
      if (isArmed) throw defect;
    };
    const client = associated({ onApdu });
    client.request(get);
    isArmed = true;
    client.receive(framed(fromHex("C40141001107")));
    const end = drain(client).at(-1);
    assert.ok(end?.type === "failed");
    assert.equal(end.error.code, "local/defect");
    assert.equal(end.error.cause, defect);
  });

  it("tells a server's defects as faults and goes on", () => {
    let isArmed = true;
    const session = new Session({
      server: {
        association: () => {
          if (isArmed) throw new Error("not foreseen");
          return serverAssociation("none");
        },
      },
    }).connect();
    const [fault] = session.serverEvents;
    assert.ok(fault?.type === "fault");
    assert.equal(fault.error.code, "local/defect");
    isArmed = false;
    const client = new DlmsClient({
      link: new WrapperClientLink({ client: 1, server: 1 }),
      security: { type: "none" },
    });
    client.connect();
    const aarq = client.nextEvent();
    assert.ok(aarq?.type === "send");
    session.server.receive(aarq.bytes);
    session.run();
    assert.equal(session.serverEvents.at(-1)?.type, "associated");
  });
});
