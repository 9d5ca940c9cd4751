import assert from "node:assert/strict";
import { encodeClientAddress, encodeServerAddress } from "../../src/dlms/hdlc-address.ts";
import { encodeHdlcFrame } from "../../src/dlms/hdlc-frame.ts";
import {
  type AareApdu,
  CipherKeys,
  type ClientEvent,
  type ClientSecurity,
  cosem,
  DlmsClient,
  type DlmsError,
  decodeApdu,
  encodeApdu,
  encodeWrapperFrame,
  HdlcApduLink,
  InvocationCounter,
  type ServiceRequest,
  type ServiceResponse,
  WrapperClientLink,
} from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import {
  AUTHENTICATION_KEY,
  CHALLENGE,
  CLIENT_TITLE,
  clientSecurity,
  ENCRYPTION_KEY,
  KEYS,
  PASSWORD,
  SERVER_TITLE,
  Session,
  type SessionOptions,
  serverAssociation,
} from "./session.ts";

const attribute = { classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2 };
const get: ServiceRequest = { type: "get", attributes: [attribute] };
const answer = (): ServiceResponse => ({ type: "get", results: [{ data: cosem.unsigned(7) }] });

type Hook = (apdu: Uint8Array) => Uint8Array | undefined;

function hls5(hooks: { plain?: Hook; sealed?: Hook } = {}, more: SessionOptions = {}): Session {
  return new Session({
    client: { security: clientSecurity("hls5") },
    association: serverAssociation("hls5"),
    server: { hooks },
    answer,
    ...more,
  }).connect();
}

/** Changes the AARE on its way. */
function aareHook(change: (aare: AareApdu) => AareApdu): Hook {
  return (apdu) => {
    const decoded = apdu[0] === 0x61 ? decodeApdu(apdu) : undefined;
    return decoded?.type === "aare" ? encodeApdu(change(decoded)) : apdu;
  };
}

function failureOf(event: ClientEvent | undefined): DlmsError {
  assert.ok(event?.type === "failed", `the client came to ${event?.type}`);
  return event.error;
}

function failureCode(session: Session): string {
  return failureOf(session.clientEvents.at(-1)).code;
}

/** A client alone; what it sends is taken apart, what it gets is given. */
function lonely(security: ClientSecurity): { client: DlmsClient; sent: () => string; give: (hex: string) => void } {
  const client = new DlmsClient({ link: new WrapperClientLink({ client: 1, server: 1 }), security });
  return {
    client,
    sent: () => {
      const event = client.nextEvent();
      assert.ok(event?.type === "send");
      return toHex(event.bytes.subarray(8));
    },
    give: (hex) => client.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: fromHex(hex) })),
  };
}

describe("association request of a client", () => {
  it("has no authentication and no title without security", () => {
    const { client, sent } = lonely({ type: "none" });
    client.connect();
    assert.equal(sent(), "601DA109060760857405080101BE10040E01000000065F1F040000FE1DFFFF");
  });

  it("has a password and a plain initiate-request with LLS, ciphered later or not", () => {
    for (const level of ["lls", "lls-ciphered"] as const) {
      const { client, sent } = lonely(clientSecurity(level));
      client.connect();
      const aarq = decodeApdu(fromHex(sent()));
      assert.ok(aarq.type === "aarq");
      assert.equal(aarq.mechanism, "low");
      assert.equal(toHex(aarq.callingAuthenticationValue!), toHex(PASSWORD));
      assert.equal(aarq.applicationContext, level === "lls" ? "logical-name" : "logical-name-with-ciphering");
      assert.equal(
        aarq.callingApTitle && toHex(aarq.callingApTitle),
        level === "lls" ? undefined : toHex(CLIENT_TITLE),
      );
      assert.equal(decodeApdu(aarq.userInformation).type, "initiate-request");
    }
  });

  it("has a challenge and a ciphered initiate-request with HLS5", () => {
    const { client, sent } = lonely(clientSecurity("hls5"));
    client.connect();
    const aarq = decodeApdu(fromHex(sent()));
    assert.ok(aarq.type === "aarq");
    assert.equal(aarq.mechanism, "high-gmac");
    assert.equal(toHex(aarq.callingAuthenticationValue!), toHex(CHALLENGE));
    const ciphered = decodeApdu(aarq.userInformation);
    assert.ok(ciphered.type === "ciphered");
    assert.equal(ciphered.tag, 0x21);
    const { plaintext, counter } = KEYS.unprotect(ciphered.payload, CLIENT_TITLE);
    assert.equal(counter, 0);
    assert.equal(decodeApdu(plaintext).type, "initiate-request");
  });
});

describe("association of a client", () => {
  it("tells result and diagnostic of a server that refuses", () => {
    const { client, sent, give } = lonely({ type: "lls", password: PASSWORD });
    client.connect();
    sent();
    give("611FA109060760857405080101A203020101A305A10302010DBE0604040E010601");
    const { code, context } = failureOf(client.nextEvent());
    assert.equal(code, "remote/association-rejected");
    assert.deepEqual(context, {
      result: 1,
      diagnosticSource: "acse-service-user",
      diagnostic: 13,
      "confirmed-service-error": { service: 1, category: 6, value: 1 },
    });
  });

  it("fails on an exception-response or service-error to the AARQ, with its numbers", () => {
    for (const [hex, code, context] of [
      ["D80105", "remote/exception-response", { stateError: 1, serviceError: 5 }],
      ["0E010600", "remote/service-error", { service: 1, category: 6, value: 0 }],
    ] as const) {
      const { client, sent, give } = lonely({ type: "none" });
      client.connect();
      sent();
      give(hex);
      const error = failureOf(client.nextEvent());
      assert.deepEqual([error.code, error.context], [code, context]);
    }
  });

  it("fails when the server ciphers with another key", () => {
    const other = new CipherKeys(AUTHENTICATION_KEY, ENCRYPTION_KEY);
    const aare = aareHook((decoded) => {
      const plaintext = fromHex("0800065F1F040000FE1DFFFF0007");
      const payload = other.protect(plaintext, SERVER_TITLE, 0);
      return { ...decoded, userInformation: encodeApdu({ type: "ciphered", tag: 0x28, payload }) };
    });
    assert.equal(failureCode(hls5({ sealed: aare })), "security/tag");
  });

  it("fails when the initiate-response of a ciphered association comes plain", () => {
    const userInformation = fromHex("0800065F1F040000FE1DFFFF0007");
    const session = hls5({ sealed: aareHook((aare) => ({ ...aare, userInformation })) });
    assert.equal(failureCode(session), "security/unciphered");
  });

  it("fails when the AARE has no system title, or the client's own", () => {
    for (const respondingApTitle of [undefined, CLIENT_TITLE]) {
      const session = hls5({ sealed: aareHook((aare) => ({ ...aare, respondingApTitle })) });
      assert.equal(failureCode(session), "security/authentication");
    }
  });

  it("fails when the server's challenge is missing, the client's own, or too short", () => {
    for (const [respondingAuthenticationValue, code] of [
      [undefined, "security/authentication"],
      [CHALLENGE, "security/authentication"],
      [new Uint8Array(7), "security/key"],
    ] as const) {
      const session = hls5({ sealed: aareHook((aare) => ({ ...aare, respondingAuthenticationValue })) });
      assert.equal(failureCode(session), code);
    }
  });

  it("fails when the server does not answer the client's challenge", () => {
    const token = KEYS.hlsToken(SERVER_TITLE, 5, new Uint8Array(16));
    const returned = { data: cosem.octetString(token) };
    for (const response of [{ result: "success", returned }, { result: "success" }] as const) {
      const pass4: Hook = (apdu) =>
        apdu[0] === 0xc7
          ? encodeApdu({
              type: "action-response-normal",
              invoke: { id: 1, confirmed: true, highPriority: true },
              response,
            })
          : apdu;
      assert.equal(failureCode(hls5({ plain: pass4 })), "security/authentication");
    }
  });

  for (const way of ["plain", "sealed"] as const) {
    it(`says that the server refused our token when pass 3 is refused, ${way === "plain" ? "ciphered" : "plain"}`, () => {
      const refusal: Hook = (apdu) => ([0xc7, 0xcf].includes(apdu[0]!) ? fromHex("C701C1FA00") : apdu);
      const error = failureOf(hls5({ [way]: refusal }).clientEvents.at(-1));
      assert.equal(error.code, "remote/token-refused");
      assert.match(error.message, /refused this side's HLS token with other-reason/);
      assert.deepEqual(error.context, { result: "other-reason" });
    });
  }

  it("names the application context when the server accepts another than was offered", () => {
    const plain = { applicationContext: "logical-name", respondingApTitle: undefined } as const;
    const error = failureOf(hls5({ sealed: aareHook((aare) => ({ ...aare, ...plain })) }).clientEvents.at(-1));
    assert.equal(error.code, "remote/application-context");
    assert.deepEqual(error.context, { offered: "logical-name-with-ciphering", accepted: "logical-name" });
  });

  it("names the initiate-error of an AARE, plain or ciphered, refused or accepted", () => {
    const initiateError = fromHex("0E010603");
    const payload = KEYS.protect(initiateError, SERVER_TITLE, 7);
    const ciphered = encodeApdu({ type: "ciphered", tag: 0x28, payload });
    for (const [result, userInformation, code] of [
      [1, initiateError, "remote/association-rejected"],
      [1, ciphered, "remote/association-rejected"],
      [0, initiateError, "remote/service-error"],
      [0, ciphered, "remote/service-error"],
    ] as const) {
      const aare = aareHook((decoded) => ({ ...decoded, result, userInformation }));
      const error = failureOf(hls5({ sealed: aare }).clientEvents.at(-1));
      assert.equal(error.code, code);
      assert.match(error.message, /initiate-error, initiate pdu-size-too-short/);
    }
  });

  it("uses a counter of its own for the AARQ, the HLS token, its APDU and each request", () => {
    const session = hls5({}, { client: { security: clientSecurity("hls5", "glo", 100) } });
    session.response(get);
    const counters = session.sent
      .filter(({ from }) => from === "client")
      .map(({ bytes }) => decodeApdu(bytes.subarray(8)))
      .map((apdu) => (apdu.type === "aarq" ? decodeApdu(apdu.userInformation) : apdu))
      .map((apdu) => apdu.type === "ciphered" && KEYS.unprotect(apdu.payload, CLIENT_TITLE).counter);
    assert.deepEqual(counters, [100, 102, 103]);
  });

  it("fails when HDLC is refused with DM", () => {
    const link = new HdlcApduLink({ role: "client", clientAddress: 16, serverAddress: { upper: 1 } });
    const client = new DlmsClient({ link, security: { type: "none" } });
    client.connect();
    client.nextEvent();
    const control = { type: "DM" as const, pollFinal: true };
    const [destination, source] = [encodeClientAddress(16), encodeServerAddress({ upper: 1 })];
    client.receive(encodeHdlcFrame({ destination, source, control, segmented: false, information: new Uint8Array(0) }));
    assert.equal(failureOf(client.nextEvent()).code, "remote/association-rejected");
  });
});

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
