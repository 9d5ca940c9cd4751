import assert from "node:assert/strict";
import {
  type AarqApdu,
  type Apdu,
  type CipherKeys,
  cosem,
  DlmsServer,
  decodeApdu,
  encodeApdu,
  encodeWrapperFrame,
  type ServerAssociation,
  type ServerEvent,
  type ServiceRequest,
  type ServiceResponse,
  WrapperDecoder,
  WrapperServerLink,
} from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { plain } from "./plain.ts";
import {
  CHALLENGE,
  CLIENT_TITLE,
  clientSecurity,
  countingRandom,
  KEYS,
  PASSWORD,
  SERVER_TITLE,
  Session,
  type SessionOptions,
  serverAssociation,
} from "./session.ts";

const attribute = { classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2 };
const method = { classId: 18, logicalName: attribute.logicalName, method: 2 };
const get: ServiceRequest = { type: "get", attributes: [attribute] };
const invoke = { id: 1, confirmed: true, highPriority: false };
const getApdu: Apdu = { type: "get-request-normal", invoke, attribute };

function answerAll(request: ServiceRequest): ServiceResponse | undefined {
  if (request.type === "get")
    return { type: "get", results: request.attributes.map(() => ({ data: cosem.unsigned(7) })) };
  if (request.type === "set") return { type: "set", results: request.attributes.map(() => "success") };
  return undefined;
}

/** A server alone, asked APDU by APDU. */
class Lonely {
  readonly server: DlmsServer;
  readonly events: ServerEvent[] = [];

  constructor(association: ServerAssociation | undefined, more: SessionOptions["server"] = {}) {
    const link = new WrapperServerLink();
    this.server = new DlmsServer({ link, random: countingRandom(), association: () => association, ...more });
  }

  /** Gives an APDU in; returns those that come out. */
  ask(apdu: Apdu | Uint8Array): Apdu[] {
    const octets = apdu instanceof Uint8Array ? apdu : encodeApdu(apdu);
    this.server.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: octets }));
    const decoder = new WrapperDecoder();
    const answers: Apdu[] = [];
    for (let event = this.server.nextEvent(); event; event = this.server.nextEvent()) {
      if (event.type === "send") answers.push(...[...decoder.push(event.bytes)].map((frame) => decodeApdu(frame.apdu)));
      else this.events.push(event);
    }
    return answers;
  }

  faults(): string[] {
    return this.events.flatMap((event) => (event.type === "fault" ? [event.error.code] : []));
  }
}

const initiate = fromHex("01000000065F1F040000FE1DFFFF");
const publicAarq: AarqApdu = { type: "aarq", applicationContext: "logical-name", userInformation: initiate };
const lowAarq: AarqApdu = { ...publicAarq, mechanism: "low", callingAuthenticationValue: PASSWORD };
const highAarq: AarqApdu = {
  type: "aarq",
  applicationContext: "logical-name-with-ciphering",
  callingApTitle: CLIENT_TITLE,
  mechanism: "high-gmac",
  callingAuthenticationValue: CHALLENGE,
  userInformation: seal(initiate, 0, 0x21),
};

function seal(apdu: Uint8Array, counter: number, tag: number, keys: CipherKeys = KEYS): Uint8Array {
  return encodeApdu({ type: "ciphered", tag, payload: keys.protect(apdu, CLIENT_TITLE, counter) });
}

function exception(stateError: number, serviceError: number, expectedInvocationCounter?: number): Apdu {
  return {
    type: "exception-response",
    stateError,
    serviceError,
    ...(expectedInvocationCounter !== undefined && { expectedInvocationCounter }),
  };
}

function diagnosticOf(answers: readonly Apdu[]): readonly [number, number] {
  const [aare] = answers;
  assert.ok(aare?.type === "aare");
  return [aare.result, aare.diagnostic];
}

function hls5(more: SessionOptions = {}): Session {
  return new Session({
    client: { security: clientSecurity("hls5") },
    association: serverAssociation("hls5"),
    answer: answerAll,
    ...more,
  }).connect();
}

describe("association of a server", () => {
  for (const [what, association, aarq, diagnostic] of [
    ["a client that may not associate", undefined, publicAarq, 1],
    ["another application context", serverAssociation("hls5"), lowAarq, 2],
    ["ciphering without a system title", serverAssociation("hls5"), { ...highAarq, callingApTitle: undefined }, 3],
    ["another mechanism", serverAssociation("lls"), publicAarq, 11],
    ["authentication where none is", serverAssociation("none"), lowAarq, 11],
    [
      "a wrong password",
      serverAssociation("lls"),
      { ...lowAarq, callingAuthenticationValue: fromHex("3132333435363739") },
      13,
    ],
    [
      "a password that is too short",
      serverAssociation("lls"),
      { ...lowAarq, callingAuthenticationValue: PASSWORD.subarray(1) },
      13,
    ],
    [
      "a challenge that is too short",
      serverAssociation("hls5"),
      { ...highAarq, callingAuthenticationValue: CHALLENGE.subarray(0, 7) },
      13,
    ],
    [
      "a client that takes too short APDUs",
      serverAssociation("none"),
      { ...publicAarq, userInformation: fromHex("01000000065F1F040000FE1D003F") },
      1,
    ],
  ] as const) {
    it(`is refused to ${what}`, () => {
      const lonely = new Lonely(association);
      assert.deepEqual(diagnosticOf(lonely.ask(aarq)), [1, diagnostic]);
      assert.deepEqual(lonely.ask(getApdu), [exception(1, 1)]);
      assert.equal(lonely.server.state, "unassociated");
    });
  }

  it("grants what was proposed and is supported, and nothing else", () => {
    const lonely = new Lonely({ ...serverAssociation("none"), conformance: ["get", "action"], maxReceivePduSize: 300 });
    const [aare] = lonely.ask(publicAarq);
    assert.ok(aare?.type === "aare" && aare.userInformation);
    const response = decodeApdu(aare.userInformation);
    assert.deepEqual(response, {
      type: "initiate-response",
      dlmsVersion: 6,
      conformance: ["get", "action"],
      serverMaxReceivePduSize: 300,
      vaaName: 7,
    });
  });

  it("is looked up by client and logical device, and answers to the one that asked", () => {
    const link = new WrapperServerLink();
    const asked: (readonly [number, number])[] = [];
    const association = (client: number, server: number) => {
      asked.push([client, server]);
      return client === 16 ? serverAssociation("none") : undefined;
    };
    const server = new DlmsServer({ link, random: countingRandom(), association });
    const results: unknown[] = [];
    for (const [source, destination] of [
      [16, 20],
      [17, 21],
    ] as const) {
      server.receive(encodeWrapperFrame({ source, destination, apdu: encodeApdu(publicAarq) }));
      for (let event = server.nextEvent(); event; event = server.nextEvent()) {
        if (event.type !== "send") continue;
        const [frame] = [...new WrapperDecoder().push(event.bytes)];
        const aare = decodeApdu(frame!.apdu);
        results.push([frame!.source, frame!.destination, aare.type === "aare" && aare.result]);
      }
    }
    assert.deepEqual(asked, [
      [16, 20],
      [17, 21],
    ]);
    assert.deepEqual(results, [
      [20, 16, 0],
      [21, 17, 1],
    ]);
  });

  it("is not there for an AARQ that was ciphered with another key", () => {
    const lonely = new Lonely(serverAssociation("hls5"));
    const userInformation = seal(initiate, 0, 0x21, KEYS.withEncryptionKey(new Uint8Array(16)));
    assert.deepEqual(lonely.ask({ ...highAarq, userInformation }), [exception(2, 5)]);
    assert.deepEqual(lonely.faults(), ["security/tag"]);
    assert.equal(lonely.server.state, "unassociated");
  });

  it("lets a client do nothing but prove itself before pass 3", () => {
    const lonely = new Lonely(serverAssociation("hls5"));
    assert.deepEqual(diagnosticOf(lonely.ask(highAarq)), [0, 14]);
    assert.deepEqual(lonely.ask(seal(encodeApdu(getApdu), 1, 0xc8)), [exception(1, 1)]);
    assert.deepEqual(lonely.ask(getApdu), [exception(1, 1)]);
    const other: Apdu = { type: "action-request-normal", invoke, method, parameters: cosem.octetString(CHALLENGE) };
    assert.deepEqual(lonely.ask(seal(encodeApdu(other), 2, 0xcb)), [exception(1, 1)]);
    assert.deepEqual(
      lonely.events.filter(({ type }) => type !== "fault"),
      [],
    );
  });

  it("denies a client that answers another challenge", () => {
    const lonely = new Lonely(serverAssociation("hls5"));
    lonely.ask(highAarq);
    const token = KEYS.hlsToken(CLIENT_TITLE, 1, new Uint8Array(16));
    const hls = { classId: 15, logicalName: parseObis("0.0.40.0.0.255"), method: 1 };
    const pass3: Apdu = { type: "action-request-normal", invoke, method: hls, parameters: cosem.octetString(token) };
    const [answer] = lonely.ask(seal(encodeApdu(pass3), 2, 0xcb));
    assert.ok(answer?.type === "ciphered");
    const { plaintext } = KEYS.unprotect(answer.payload, SERVER_TITLE);
    assert.deepEqual(decodeApdu(plaintext), {
      type: "action-response-normal",
      invoke,
      response: { result: "other-reason" },
    });
    assert.deepEqual(lonely.faults(), ["security/authentication"]);
    assert.equal(lonely.server.state, "authenticating");
  });

  it("gives way to the next one on the same connection", () => {
    const session = hls5();
    session.server.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: encodeApdu(publicAarq) }));
    assert.equal(session.server.state, "unassociated");
  });

  it("tells the client's system title and the next counter", () => {
    const session = hls5();
    assert.deepEqual(plain(session.serverEvents), [
      plain({ type: "associated", client: 1, server: 1, clientSystemTitle: CLIENT_TITLE }),
    ]);
    assert.equal(session.server.lowestClientCounter, 3);
  });

  it("ends with the release, which is answered first", () => {
    const lonely = new Lonely(serverAssociation("none"));
    lonely.ask(publicAarq);
    assert.deepEqual(lonely.ask({ type: "rlrq", reason: 0 }), [{ type: "rlre", reason: 0 }]);
    assert.deepEqual(lonely.events.at(-1), { type: "released" });
    assert.deepEqual(lonely.ask(getApdu), [exception(1, 1)]);
  });
});

describe("requests to a server", () => {
  it("are refused when they are replayed, with the counter that is due", () => {
    const session = hls5();
    session.response(get);
    const { bytes } = session.sent.filter(({ from }) => from === "client").at(-1)!;
    session.server.receive(bytes);
    session.run();
    const answer = session.sent.at(-1)!.bytes.subarray(8);
    assert.deepEqual(decodeApdu(answer), exception(1, 6, 4));
  });

  it("do not move the window of counters unless they are authentic", () => {
    const session = hls5();
    const forged = seal(encodeApdu(getApdu), 0xffff_fff0, 0xc8);
    forged[forged.length - 1]! ^= 1;
    session.server.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: forged }));
    const answer = session.server.nextEvent();
    assert.ok(answer?.type === "send");
    assert.deepEqual(decodeApdu(answer.bytes.subarray(8)), exception(2, 5));
    assert.equal(session.server.lowestClientCounter, 3);
    assert.equal(session.response(get).type, "get");
  });

  it("are refused when they come plain in a ciphered association", () => {
    const session = hls5();
    session.server.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: encodeApdu(getApdu) }));
    const answer = session.server.nextEvent();
    assert.ok(answer?.type === "send");
    assert.deepEqual(decodeApdu(answer.bytes.subarray(8)), exception(1, 1));
  });

  it("are refused to another client and another logical device on the same connection", () => {
    const lonely = new Lonely(serverAssociation("none"));
    lonely.ask(publicAarq);
    for (const [source, destination] of [
      [2, 1],
      [1, 2],
    ] as const) {
      lonely.server.receive(encodeWrapperFrame({ source, destination, apdu: encodeApdu(getApdu) }));
      const [fault, answer] = [lonely.server.nextEvent(), lonely.server.nextEvent()].reverse();
      assert.ok(answer?.type === "send" && fault?.type === "fault");
      assert.deepEqual(decodeApdu(answer.bytes.subarray(8)), exception(1, 1));
    }
    lonely.ask(getApdu);
    assert.deepEqual(lonely.events.at(-1), { type: "request", request: get });
  });

  it("for blocks are refused when no transfer goes on, or it is at another block", () => {
    const lonely = new Lonely(serverAssociation("none"));
    lonely.ask(publicAarq);
    const block = { last: false, number: 3, raw: new Uint8Array(4) };
    const refusals: readonly (readonly [Apdu, Apdu])[] = [
      [
        { type: "get-request-next", invoke, blockNumber: 1 },
        {
          type: "get-response-with-datablock",
          invoke,
          block: { last: true, number: 1, error: "no-long-get-in-progress" },
        },
      ],
      [
        { type: "set-request-with-datablock", invoke, block },
        { type: "set-response-last-datablock", invoke, result: "no-long-set-in-progress", blockNumber: 3 },
      ],
      [
        { type: "action-request-with-pblock", invoke, block },
        { type: "action-response-normal", invoke, response: { result: "no-long-action-in-progress" } },
      ],
      [
        { type: "action-request-next-pblock", invoke, blockNumber: 1 },
        { type: "action-response-normal", invoke, response: { result: "no-long-action-in-progress" } },
      ],
      [
        { type: "set-request-with-first-datablock", invoke, attribute, block },
        { type: "set-response-last-datablock", invoke, result: "data-block-number-invalid", blockNumber: 3 },
      ],
      [
        { type: "action-request-with-first-pblock", invoke, method, block },
        { type: "action-response-normal", invoke, response: { result: "long-action-aborted" } },
      ],
    ];
    for (const [apdu, refusal] of refusals) assert.deepEqual(lonely.ask(apdu), [refusal], apdu.type);
  });

  it("for the next block are refused when the block before is another", () => {
    const lonely = new Lonely(serverAssociation("none"));
    lonely.ask({ ...publicAarq, userInformation: fromHex("01000000065F1F040000FE1D0040") });
    lonely.ask(getApdu);
    lonely.server.respond({ type: "get", results: [{ data: cosem.octetString(new Uint8Array(300)) }] });
    const [answer] = lonely.ask({ type: "get-request-next", invoke, blockNumber: 2 }).slice(-1);
    assert.deepEqual(answer, {
      type: "get-response-with-datablock",
      invoke,
      block: { last: true, number: 2, error: "data-block-number-invalid" },
    });
  });

  it("can be refused as a whole, or not answered at all", () => {
    const session = new Session({ answer: () => undefined }).connect();
    assert.equal(session.ask(get), undefined);
    session.server.refuse(1, 3);
    session.run();
    const event = session.clientEvents.at(-1);
    assert.ok(event?.type === "refused");
    assert.deepEqual(event.error.context, { stateError: 1, serviceError: 3 });
  });

  it("are answered by their own kind only, and once", () => {
    const session = new Session({ answer: () => undefined }).connect();
    const response: ServiceResponse = { type: "get", results: [{ data: cosem.unsigned(1) }] };
    assert.throws(() => session.server.respond(response), { code: "local/illegal-state" });
    session.ask(get);
    assert.throws(() => session.server.respond({ type: "set", results: ["success"] }), { code: "local/illegal-state" });
    assert.throws(() => session.server.respond({ type: "get", results: [] }), { code: "local/invalid-value" });
    session.server.respond(response);
    session.run();
    assert.deepEqual(session.clientEvents.at(-1), { type: "response", response });
    assert.throws(() => session.server.respond(response), { code: "local/illegal-state" });
  });

  it("that no standard has are answered with an exception, and the next is served", () => {
    const lonely = new Lonely(serverAssociation("none"));
    lonely.ask(publicAarq);
    assert.deepEqual(lonely.ask(fromHex("FF")), [exception(2, 2)]);
    assert.deepEqual(lonely.ask(fromHex("C0")), [exception(2, 2)]);
    assert.deepEqual(lonely.ask({ type: "rlre" }), [exception(1, 1)]);
    assert.deepEqual(lonely.ask(getApdu), []);
    assert.deepEqual(lonely.events.at(-1), { type: "request", request: get });
  });
});

describe("misbehaviour of a server", () => {
  it("changes what goes out before ciphering or after it, or holds it back", () => {
    const seen: string[] = [];
    let sealed: ((apdu: Uint8Array) => Uint8Array | undefined) | undefined;
    const hooks = {
      plain: (apdu: Uint8Array) => {
        seen.push(toHex(apdu));
        return apdu;
      },
      sealed: (apdu: Uint8Array) => (sealed ? sealed(apdu) : apdu),
    };
    const session = hls5({ server: { hooks } });
    session.response(get);
    assert.equal(seen.at(-1), "C40142001107");

    sealed = () => undefined;
    assert.equal(session.ask(get), undefined);
    session.server.refuse(1, 1);
    assert.equal(session.client.state, "requesting");

    sealed = (apdu) => Uint8Array.from(apdu, (octet, i) => (i === apdu.length - 1 ? octet ^ 1 : octet));
    session.client.release();
    session.run();
    assert.equal(session.clientEvents.at(-1)?.type, "released");
  });

  it("can choose its counters", () => {
    const counters = [5, 6, 7, 3];
    const association = serverAssociation("hls5");
    assert.ok(association.security.type === "hls5");
    const ciphering = { ...association.security.ciphering, invocationCounter: { next: () => counters.shift()! } };
    const session = hls5({ association: { security: { ...association.security, ciphering } } });
    const event = session.ask(get);
    assert.ok(event?.type === "failed");
    assert.deepEqual(event.error.context, { counter: 3, expected: 8 });
  });

  it("ends the connection of a client whose stream makes no sense", () => {
    const lonely = new Lonely(serverAssociation("none"));
    lonely.server.receive(fromHex("0002000100010001"));
    const event = lonely.server.nextEvent();
    assert.ok(event?.type === "closed");
    assert.equal(event.error?.code, "remote/malformed");
  });
});
