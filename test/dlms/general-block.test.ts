import assert from "node:assert/strict";
import fc from "fast-check";
import { DEFAULT_CONFORMANCE } from "../../src/dlms/association.ts";
import {
  type ConformanceBit,
  type CosemData,
  cosem,
  decodeApdu,
  encodeApdu,
  encodeUnconfirmedBlocks,
  encodeWrapperFrame,
  type GeneralBlockApdu,
  type NotificationApdu,
  NotificationReceiver,
  openNotification,
  type ServiceRequest,
  type ServiceResponse,
} from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { plain } from "./plain.ts";
import {
  clientSecurity,
  KEYS,
  SERVER_TITLE,
  type SecurityLevel,
  Session,
  type SessionOptions,
  serverAssociation,
} from "./session.ts";

const CONFORMANCE: readonly ConformanceBit[] = [...DEFAULT_CONFORMANCE["logical-name"], "general-block-transfer"];
const GENERAL_BLOCK = 0xe0;
const logicalName = parseObis("0.0.1.0.0.255");
const attribute = { classId: 8, logicalName, attribute: 2 };
const get: ServiceRequest = { type: "get", attributes: [attribute] };

const counted = (length: number) => cosem.octetString(Uint8Array.from({ length }, (_, i) => i));

interface Way {
  readonly level?: SecurityLevel;
  readonly clientPdu?: number;
  readonly serverPdu?: number;
  readonly clientWindow?: number;
  readonly serverWindow?: number;
}

/** A client and a server that agree on general blocks. */
function blockSession(way: Way, value: CosemData, more: SessionOptions = {}): Session {
  const { level = "none", clientPdu = 80, serverPdu = 80, clientWindow = 3, serverWindow = 3 } = way;
  const answer = (request: ServiceRequest): ServiceResponse | undefined => {
    if (request.type === "get") return { type: "get", results: request.attributes.map(() => ({ data: value })) };
    if (request.type === "set") return { type: "set", results: request.attributes.map(() => "success") };
    if (request.type !== "action") return undefined;
    return { type: "action", results: request.methods.map(() => ({ result: "success", returned: { data: value } })) };
  };
  return new Session({
    client: {
      security: clientSecurity(level),
      conformance: CONFORMANCE,
      maxReceivePduSize: clientPdu,
      generalBlockWindow: clientWindow,
    },
    association: serverAssociation(level, { maxReceivePduSize: serverPdu }),
    answer,
    ...more,
    server: { generalBlockWindow: serverWindow, ...more.server },
  }).connect();
}

/** The general blocks that one side sent, as "number[ last][ streaming] window/acknowledged". */
function blocksOf(session: Session, side: "client" | "server"): string[] {
  return session.sent
    .filter(({ from }) => from === side)
    .map(({ bytes }) => decodeApdu(bytes.subarray(8)))
    .filter((apdu) => apdu.type === "general-block")
    .map(({ number, last, streaming, window, acknowledged, raw }) => {
      const marks = `${last ? " last" : ""}${streaming ? " streaming" : ""}${raw.length === 0 ? " empty" : ""}`;
      return `${number}${marks} ${window}/${acknowledged}`;
    });
}

/** A hook that lets the n-th block from the first that counts get lost, for each of these n. */
function losing(numbers: readonly number[]): (apdu: Uint8Array) => Uint8Array | undefined {
  let count = 0;
  return (apdu) => (apdu[0] === GENERAL_BLOCK && numbers.includes(++count) ? undefined : apdu);
}

const notification: NotificationApdu = {
  type: "data-notification",
  longInvokeIdAndPriority: 1,
  dateTime: new Uint8Array(0),
  body: cosem.structure([counted(200)]),
};

describe("general block transfer", () => {
  it("delivers requests and answers of any size whole, in every security and with every window", () => {
    const length = fc.nat(2500);
    const pdu = fc.integer({ min: 64, max: 400 });
    const window = fc.constantFrom(1, 2, 5, 63);
    const way = fc.record({
      level: fc.constantFrom<SecurityLevel>("none", "lls-ciphered", "hls5"),
      clientPdu: pdu,
      serverPdu: pdu,
      clientWindow: window,
      serverWindow: window,
    });
    fc.assert(
      fc.property(way, length, length, (taken, asked, told) => {
        const session = blockSession(taken, counted(told));
        const handshake = session.sent.length;
        const method = { classId: 18, logicalName, method: 2 };
        const action: ServiceRequest = { type: "action", methods: [method], parameters: [counted(asked)] };
        for (const request of [get, action, get] as const) {
          const response = session.response(request);
          const [result] = response.type === "get" || response.type === "action" ? response.results : [];
          const data = result && ("data" in result ? result.data : "returned" in result && result.returned);
          assert.deepEqual(plain(data), plain(request === get ? counted(told) : { data: counted(told) }));
          assert.deepEqual(plain(session.serverEvents.at(-1)), plain({ type: "request", request }));
        }
        for (const { from, bytes } of session.sent.slice(handshake)) {
          assert.ok(bytes.length - 8 <= (from === "client" ? taken.serverPdu : taken.clientPdu));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("streams as many blocks as the other side takes in a row and then waits", () => {
    const session = blockSession({ serverWindow: 1 }, counted(480));
    session.response(get);
    assert.deepEqual(blocksOf(session, "server"), [
      "1 1/0",
      "2 streaming 1/1",
      "3 streaming 1/1",
      "4 1/1",
      "5 streaming 1/2",
      "6 streaming 1/2",
      "7 last 1/2",
    ]);
    assert.deepEqual(blocksOf(session, "client"), ["1 last empty 3/1", "2 last empty 3/4"]);
  });

  it("carries a long request and its long answer, whose numbers go on from the acknowledgements", () => {
    const session = blockSession({}, counted(150));
    const method = { classId: 18, logicalName, method: 2 };
    session.response({ type: "action", methods: [method], parameters: [counted(150)] });
    assert.deepEqual(blocksOf(session, "client").slice(0, 3), ["1 3/0", "2 streaming 3/1", "3 last 3/1"]);
    assert.deepEqual(blocksOf(session, "server"), ["1 empty 3/1", "2 3/3", "3 streaming 3/4", "4 last 3/4"]);
  });

  it("is not in use unless both sides have agreed on it", () => {
    const association = serverAssociation("none", {
      maxReceivePduSize: 80,
      conformance: ["get", "block-transfer-with-get-or-read"],
    });
    const session = blockSession({}, counted(300), { association });
    session.response(get);
    assert.deepEqual(blocksOf(session, "server"), []);
  });

  it("has lost blocks sent again, whichever of a window they are", () => {
    // Blocks that hand the turn over are left: without them both sides wait, and only time tells.
    for (const lost of [[2], [3], [2, 3], [5, 6], [2, 3, 5, 6]]) {
      const session = blockSession({}, counted(480), { server: { hooks: { sealed: losing(lost) } } });
      const response = session.response(get);
      assert.deepEqual(plain(response), plain({ type: "get", results: [{ data: counted(480) }] }), `${lost}`);
    }
  });

  it("has a client's lost blocks sent again too", () => {
    let count = 0;
    const cut = (bytes: Uint8Array, to: string) =>
      to === "server" && bytes[8] === GENERAL_BLOCK && [2, 3, 6].includes(++count) ? [] : [bytes];
    const session = blockSession({}, cosem.unsigned(1), { cut });
    const set: ServiceRequest = { type: "set", attributes: [attribute], values: [counted(480)] };
    assert.deepEqual(session.response(set), { type: "set", results: ["success"] });
    assert.deepEqual(plain(session.serverEvents.at(-1)), plain({ type: "request", request: set }));
  });

  it("ends when the same blocks get lost over and over, and names them", () => {
    const always = (apdu: Uint8Array) => {
      const block = decodeApdu(apdu);
      return block.type === "general-block" && (block.number === 3 || block.number === 2) ? undefined : apdu;
    };
    const session = blockSession({}, counted(480), { server: { hooks: { sealed: always } } });
    const event = session.ask(get);
    assert.ok(event?.type === "failed");
    assert.deepEqual([event.error.code, event.error.context], ["remote/blocks-lost", { lost: [2, 3] }]);
  });

  it("ends when a block is acknowledged that was never sent", () => {
    const session = blockSession({}, cosem.unsigned(1), {
      server: {
        hooks: {
          sealed: (apdu) => {
            const block = decodeApdu(apdu);
            return block.type === "general-block" ? encodeApdu({ ...block, acknowledged: 9 }) : apdu;
          },
        },
      },
    });
    const event = session.ask({ type: "set", attributes: [attribute], values: [counted(480)] });
    assert.ok(event?.type === "failed");
    assert.equal(event.error.code, "remote/unexpected-apdu");
  });

  it("ends at the client's bounds of blocks and octets", () => {
    for (const [bounds, code] of [
      [{ maxBlocks: 5 }, "remote/too-many"],
      [{ maxAnswerLength: 200 }, "remote/too-large"],
    ] as const) {
      const client = { conformance: CONFORMANCE, maxReceivePduSize: 80, generalBlockWindow: 63, ...bounds };
      const event = blockSession({}, counted(480), { client }).ask(get);
      assert.ok(event?.type === "failed");
      assert.equal(event.error.code, code);
    }
  });

  it("asks a meter that sends empty blocks for ever no more than a few times", () => {
    const block = (number: number, raw: string): Uint8Array =>
      encodeApdu({
        type: "general-block",
        last: false,
        streaming: false,
        window: 1,
        number,
        acknowledged: 0,
        raw: fromHex(raw),
      });
    const session = blockSession({}, cosem.unsigned(1), { answer: () => undefined });
    session.ask(get);
    const give = (apdu: Uint8Array) => session.client.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu }));
    give(block(1, "C4"));
    for (let i = 0; i < 30; i++) give(block(1, ""));
    session.run();
    assert.ok(session.clientEvents.length <= 2);
    for (let i = 0; i < 12_000; i++) give(block(i + 1, "01"));
    session.run();
    const end = session.clientEvents.at(-1);
    assert.ok(end?.type === "failed");
    assert.equal(end.error.code, "remote/too-many");
  });
});

describe("pushes in general blocks", () => {
  it("are read from one block of a stream that asks for no acknowledgement", () => {
    const { notification: push } = openNotification(fromHex("E0C0000100000A0F000000010002011107"), () => undefined);
    assert.deepEqual(plain(push), {
      type: "data-notification",
      longInvokeIdAndPriority: 1,
      dateTime: "hex:",
      body: { type: "structure", value: [{ type: "unsigned", value: 7 }] },
    });
  });

  const blocks = encodeUnconfirmedBlocks(encodeApdu(notification), 64);

  it("are put together from several, plain or ciphered, and again for the next push", () => {
    const payload = KEYS.protect(encodeApdu(notification), SERVER_TITLE, 9);
    const general = encodeApdu({ type: "ciphered", tag: 0xdb, systemTitle: SERVER_TITLE, payload });
    const receiver = new NotificationReceiver({ keysOf: () => KEYS });
    for (const apdu of [encodeApdu(notification), general, general]) {
      const steps = encodeUnconfirmedBlocks(apdu, 64).map((block) => receiver.receive(block));
      assert.ok(steps.length > 3);
      assert.deepEqual(
        steps.flatMap(({ send }) => send),
        [],
      );
      const opened = steps.flatMap((step) => (step.opened ? [step.opened] : []));
      assert.deepEqual(
        opened.map((one) => plain(one.notification)),
        [plain(notification)],
      );
      assert.equal(opened[0]!.origin?.counter, apdu === general ? 9 : undefined);
    }
  });

  it("come whole whatever the order of their blocks but the last", () => {
    const receiver = new NotificationReceiver({ keysOf: () => KEYS });
    const [first, second, third, ...rest] = blocks;
    const steps = [first!, third!, second!, ...rest].map((block) => receiver.receive(block));
    assert.deepEqual(plain(steps.at(-1)!.opened?.notification), plain(notification));
  });

  it("are told as lost with the numbers of the blocks that are missing, and the next one is read", () => {
    const receiver = new NotificationReceiver({ keysOf: () => KEYS });
    const lossy = blocks.filter((_, i) => i !== 1 && i !== 2);
    assert.throws(() => lossy.map((block) => receiver.receive(block)), {
      code: "remote/blocks-lost",
      context: { lost: [2, 3] },
    });
    assert.ok(blocks.map((block) => receiver.receive(block)).at(-1)!.opened);
    assert.throws(() => openNotification(blocks[1]!, () => KEYS), { code: "remote/blocks-lost" });
  });

  it("are acknowledged where the meter asks for it", () => {
    const receiver = new NotificationReceiver({ keysOf: () => KEYS });
    const asking = blocks.map((octets, i) => {
      const block = decodeApdu(octets) as GeneralBlockApdu;
      return encodeApdu({ ...block, streaming: i % 2 === 0 && !block.last, window: 1 });
    });
    const steps = asking.map((block) => receiver.receive(block));
    assert.equal(toHex(steps[1]!.send[0]!), "E08A0001000200");
    assert.deepEqual(plain(steps.at(-1)!.opened?.notification), plain(notification));
  });

  it("end at the receiver's bounds of blocks and octets, and the next one is read", () => {
    for (const [bounds, code] of [
      [{ maxBlocks: 2 }, "remote/too-many"],
      [{ maxLength: 100 }, "remote/too-large"],
    ] as const) {
      const receiver = new NotificationReceiver({ keysOf: () => KEYS, ...bounds });
      assert.throws(() => blocks.map((block) => receiver.receive(block)), { code });
      assert.ok(receiver.receive(fromHex("E0C0000100000A0F000000010002011107")).opened);
    }
  });

  for (const level of ["none", "hls5"] as const) {
    it(`are events between the blocks of an answer and lose nothing of it, ${level}`, () => {
      let isPushing = false;
      let session: Session | undefined;
      const sealed = (apdu: Uint8Array) => {
        const isAnswer = apdu[0] === GENERAL_BLOCK && (decodeApdu(apdu) as GeneralBlockApdu).window > 0;
        if (isAnswer && !isPushing) {
          isPushing = true;
          session?.server.notify(notification);
          isPushing = false;
        }
        return apdu;
      };
      session = blockSession({ level }, counted(480), { server: { hooks: { sealed } } });
      const response = session.ask(get);
      assert.ok(response);
      const pushes = session.clientEvents.filter((event) => event.type === "notification");
      assert.ok(pushes.length >= 7);
      for (const push of pushes) {
        assert.deepEqual(plain(push), plain({ type: "notification", notification, secured: level === "hls5" }));
      }
      const end = session.clientEvents.at(-1);
      assert.deepEqual(
        plain(end),
        plain({ type: "response", response: { type: "get", results: [{ data: counted(480) }] } }),
      );
    });
  }

  it("that are not whole are left out, and the answer still comes", () => {
    let session: Session | undefined;
    const answer = (): ServiceResponse => {
      session?.server.notify(notification);
      return { type: "get", results: [{ data: cosem.unsigned(7) }] };
    };
    session = blockSession({}, cosem.unsigned(7), { server: { hooks: { sealed: losing([2]) } }, answer });
    session.ask(get);
    const [, dropped, response] = session.clientEvents;
    assert.ok(dropped?.type === "frame-dropped");
    assert.deepEqual([dropped.error.code, dropped.error.context], ["remote/blocks-lost", { lost: [2] }]);
    assert.equal(response?.type, "response");
  });
});
