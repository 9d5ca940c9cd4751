import assert from "node:assert/strict";
import {
  cosem,
  DlmsClient,
  encodeApdu,
  InvocationCounter,
  type ServiceResponse,
  WrapperClientLink,
} from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { answer, attribute, failureOf, get, type Hook, hls5 } from "./client-parts.ts";
import { CHALLENGE, CLIENT_TITLE, clientSecurity, KEYS, PASSWORD, Session } from "./session.ts";

describe("requests of a client", () => {
  it("are refused unless it is associated and no other waits", () => {
    const session = new Session({ answer });
    assert.throws(() => session.client.request(get), { code: "local/illegal-state" });
    session.connect();
    assert.throws(() => session.client.connect(), { code: "local/illegal-state" });
    session.client.request(get);
    assert.throws(() => session.client.request(get), { code: "local/illegal-state" });
    session.run();
    session.client.request(get);
  });

  it("are refused when they have no element, or not one value for each", () => {
    const { client } = new Session({ answer }).connect();
    assert.throws(() => client.request({ type: "get", attributes: [] }), { code: "local/invalid-value" });
    assert.throws(() => client.request({ type: "set", attributes: [attribute], values: [] }), {
      code: "local/invalid-value",
    });
    assert.equal(client.state, "associated");
  });

  it("are not sent when no counter is left, and can be repeated when there is", () => {
    const invocationCounter = new InvocationCounter(0, 3);
    const security = clientSecurity("hls5");
    assert.ok(security.type === "hls5");
    const ciphering = { ...security.ciphering, invocationCounter };
    const session = hls5({}, { client: { security: { ...security, ciphering } } });
    const before = session.sent.length;
    assert.throws(() => session.client.request(get), { code: "local/counter-exhausted" });
    session.run();
    assert.equal(session.sent.length, before);
    invocationCounter.extendReserve(4);
    assert.equal(session.response(get).type, "get");
  });

  it("fail the association when a ciphered one is answered plain", () => {
    const session = hls5({ sealed: (apdu) => (apdu[0] === 0xcc ? fromHex("C40142001107") : apdu) });
    assert.equal(failureOf(session.ask(get)).code, "security/unciphered");
  });

  it("may be refused plain with an exception-response; the association goes on", () => {
    let isRefused = true;
    const session = hls5({ sealed: (apdu) => (isRefused && apdu[0] === 0xcc ? fromHex("D80203") : apdu) });
    const event = session.ask(get);
    assert.ok(event?.type === "refused");
    assert.deepEqual(event.error.context, { stateError: 2, serviceError: 3 });
    isRefused = false;
    assert.equal(session.response(get).type, "get");
  });

  it("fail the association when an answer is replayed", () => {
    let first: Uint8Array | undefined;
    const replay: Hook = (apdu) => {
      if (apdu[0] !== 0xcc) return apdu;
      first ??= apdu;
      return first;
    };
    const session = hls5({ sealed: replay });
    session.response(get);
    const { code, context } = failureOf(session.ask(get));
    assert.equal(code, "security/counter");
    assert.deepEqual(context, { counter: 3, expected: 4 });
  });

  it("fail the association when the answer has another invoke-id", () => {
    const other: Hook = (apdu) =>
      apdu[0] === 0xc4 ? Uint8Array.from(apdu, (octet, i) => (i === 2 ? octet ^ 1 : octet)) : apdu;
    assert.equal(failureOf(hls5({ plain: other }).ask(get)).code, "remote/unexpected-apdu");
  });

  it("are refused when the answer is to another service, or has not one result for each element", () => {
    for (const [hex, type, code] of [
      ["C5014100", "failed", "remote/unexpected-apdu"],
      ["C4034102001107001108", "refused", "remote/malformed"],
      ["C4014100", "refused", "remote/truncated"],
      ["C40141000B", "refused", "remote/malformed"],
    ] as const) {
      const session = new Session({
        server: { hooks: { sealed: (apdu) => (apdu[0] === 0xc4 ? fromHex(hex) : apdu) } },
        answer,
      });
      const event = session.connect().ask(get);
      assert.equal(event?.type, type, hex);
      assert.ok(event.type === "failed" || event.type === "refused");
      assert.equal(event.error.code, code, hex);
    }
  });

  for (const [form, raw] of [
    ["as the value alone", "0A03414243"],
    ["as a Get-Data-Result", "000A03414243"],
    ["with the result before it", "0001000A03414243"],
  ] as const) {
    it(`take what a method returns in blocks ${form}`, () => {
      const block = (number: number, last: boolean, octets: Uint8Array) =>
        encodeApdu({
          type: "action-response-with-pblock",
          invoke: { id: 1, confirmed: true, highPriority: false },
          block: { last, number, raw: octets },
        });
      const octets = fromHex(raw);
      const answers = [block(1, false, octets.subarray(0, 4)), block(2, true, octets.subarray(4))];
      const sealed: Hook = (apdu) => ([0xc7, 0xd8].includes(apdu[0]!) ? answers.shift() : apdu);
      const session = new Session({
        server: { hooks: { sealed } },
        answer: () => ({ type: "action", results: [{ result: "success" }] }),
      }).connect();
      const method = { classId: 18, logicalName: attribute.logicalName, method: 1 };
      assert.deepEqual(session.response({ type: "action", methods: [method], parameters: [undefined] }), {
        type: "action",
        results: [{ result: "success", returned: { data: cosem.visibleString("ABC") } }],
      });
    });
  }

  it("fail the association when a block is skipped or repeated", () => {
    const long = (): ServiceResponse => ({ type: "get", results: [{ data: cosem.octetString(new Uint8Array(600)) }] });
    for (const wrong of [1, 3]) {
      const skip: Hook = (apdu) => {
        const block = apdu[0] === 0xc4 && apdu[7] === 2;
        return block ? Uint8Array.from(apdu, (octet, i) => (i === 7 ? wrong : octet)) : apdu;
      };
      const options = { client: { maxReceivePduSize: 200 }, server: { hooks: { plain: skip } }, answer: long };
      assert.equal(failureOf(new Session(options).connect().ask(get)).code, "remote/unexpected-apdu");
    }
  });

  it("are shown plain, with their answers, to whoever keeps a log", () => {
    const log: string[] = [];
    const onApdu = (direction: string, apdu: Uint8Array) => log.push(`${direction} ${toHex(apdu)}`);
    const session = hls5({}, { client: { security: clientSecurity("hls5"), onApdu } });
    session.response(get);
    assert.deepEqual(log.slice(-2), ["sent C0014200080000010000FF0200", "received C40142001107"]);
    assert.match(log[0]!, /^sent 60/);
  });

  it("go on with other keys when both sides change them", () => {
    const session = hls5();
    const keys = KEYS.withEncryptionKey(fromHex("F0F1F2F3F4F5F6F7F8F9FAFBFCFDFEFF"));
    session.client.changeKeys(keys);
    session.server.changeKeys(keys);
    assert.equal(session.response(get).type, "get");
    session.client.changeKeys(KEYS);
    assert.equal(session.ask(get)?.type, "refused");
  });
});

describe("end of a client's association", () => {
  it("is a release when the connection closes after the RLRQ, else a failure", () => {
    const session = new Session({ answer }).connect();
    session.client.request(get);
    session.client.disconnected();
    const events: string[] = [];
    for (let event = session.client.nextEvent(); event; event = session.client.nextEvent()) {
      events.push(event.type === "failed" ? event.error.code : event.type);
    }
    assert.deepEqual(events, ["send", "remote/closed"]);
  });

  it("comes in any state when it is released, and only once", () => {
    const idle = new Session({ answer });
    idle.client.release();
    idle.run();
    assert.deepEqual(idle.clientEvents, [{ type: "released" }]);

    const associated = new Session({ answer }).connect();
    associated.client.release();
    associated.run();
    associated.client.release();
    associated.client.disconnected();
    associated.run();
    assert.deepEqual(
      associated.clientEvents.map(({ type }) => type),
      ["associated", "released"],
    );
  });

  it("comes in the middle of a request too", () => {
    const session = new Session({ answer: () => undefined }).connect();
    session.ask(get);
    session.client.release();
    session.run();
    assert.equal(session.clientEvents.at(-1)?.type, "released");
    assert.equal(session.serverEvents.at(-1)?.type, "released");
  });

  it("is final: nothing is taken in any more", () => {
    const session = hls5({ sealed: (apdu) => (apdu[0] === 0xcc ? fromHex("00") : apdu) });
    failureOf(session.ask(get));
    session.client.receive(fromHex("0001000100010003D80101"));
    session.client.disconnected();
    assert.equal(session.client.nextEvent(), undefined);
    assert.throws(() => session.client.request(get), { code: "local/illegal-state" });
  });
});

describe("options of a client", () => {
  const ciphering = { keys: KEYS, systemTitle: CLIENT_TITLE, invocationCounter: new InvocationCounter(0) };
  const dedicatedKey = new Uint8Array(16);
  const link = new WrapperClientLink({ client: 1, server: 1 });

  for (const [what, security, code] of [
    ["a challenge of 7 octets", { type: "hls5", challenge: new Uint8Array(7), ciphering }, "security/key"],
    [
      "a system title of 7 octets",
      { type: "hls5", challenge: CHALLENGE, ciphering: { ...ciphering, systemTitle: new Uint8Array(7) } },
      "security/key",
    ],
    [
      "a dedicated form without a key",
      { type: "hls5", challenge: CHALLENGE, ciphering: { ...ciphering, form: "ded" } },
      "local/invalid-value",
    ],
    [
      "a dedicated key without its form",
      { type: "hls5", challenge: CHALLENGE, ciphering: { ...ciphering, dedicatedKey } },
      "local/invalid-value",
    ],
    [
      "a dedicated key that LLS would show to everyone",
      { type: "lls", password: PASSWORD, ciphering: { ...ciphering, form: "ded", dedicatedKey } },
      "local/invalid-value",
    ],
  ] as const) {
    it(`may not have ${what}`, () => {
      assert.throws(() => new DlmsClient({ link, security }), { code });
    });
  }

  it("may not have HLS with short names", () => {
    const security = { type: "hls5" as const, challenge: CHALLENGE, ciphering };
    assert.throws(() => new DlmsClient({ link, security, referencing: "short-name" }), { code: "local/invalid-value" });
  });
});
