import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type CosemData,
  cosem,
  encodeData,
  type GetResult,
  HdlcApduLink,
  type ServiceRequest,
  type ServiceResponse,
  WrapperClientLink,
  WrapperDecoder,
  WrapperServerLink,
} from "../../src/dlms/index.ts";
import { concatBytes, toHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { plain } from "./plain.ts";
import { clientSecurity, type SecurityLevel, Session, type SessionOptions, serverAssociation } from "./session.ts";

/** Whole exchanges between our client and our server, of any size, secured and framed in every way. */

const LOGICAL_NAME = parseObis("0.0.1.0.0.255");
const attribute = { classId: 8, logicalName: LOGICAL_NAME, attribute: 2 };
const withSelection = { ...attribute, access: { selector: 1, parameters: cosem.structure([cosem.unsigned(1)]) } };
const method = { classId: 18, logicalName: LOGICAL_NAME, method: 2 };

const value: fc.Arbitrary<CosemData> = fc.oneof(
  fc.nat(1500).map((length) => cosem.octetString(Uint8Array.from({ length }, (_, i) => i))),
  fc.array(fc.nat(0xffff).map(cosem.longUnsigned), { maxLength: 200 }).map(cosem.array),
);

const values = fc.array(value, { minLength: 1, maxLength: 3 });

const request: fc.Arbitrary<ServiceRequest> = fc.oneof(
  fc.array(fc.constantFrom(attribute, withSelection), { minLength: 1, maxLength: 3 }).map((attributes) => ({
    type: "get" as const,
    attributes,
  })),
  values.map((all) => ({ type: "set" as const, attributes: all.map(() => attribute), values: all })),
  values.map((all) => ({ type: "action" as const, methods: all.map(() => method), parameters: all })),
);

interface Way {
  readonly level: SecurityLevel;
  readonly form: "glo" | "general-glo" | "ded" | "general-ded";
  readonly framing: "wrapper" | "hdlc";
  readonly clientPdu: number;
  readonly serverPdu: number;
}

const way: fc.Arbitrary<Way> = fc
  .record({
    security: fc.constantFrom(
      ...(["none", "lls"] as const).map((level) => ({ level, form: "glo" as const })),
      ...(["glo", "general-glo"] as const).map((form) => ({ level: "lls-ciphered" as const, form })),
      ...(["glo", "general-glo", "ded", "general-ded"] as const).map((form) => ({ level: "hls5" as const, form })),
    ),
    framing: fc.constantFrom<"wrapper" | "hdlc">("wrapper", "hdlc"),
    // With selective access a list of three attributes takes up to 80 octets, which cannot be cut.
    clientPdu: fc.integer({ min: 64, max: 700 }),
    serverPdu: fc.integer({ min: 130, max: 700 }),
  })
  .map(({ security, ...rest }) => ({ ...security, ...rest }));

function sessionOf({ level, form, framing, clientPdu, serverPdu }: Way, more: SessionOptions): Session {
  const links =
    framing === "wrapper"
      ? { client: new WrapperClientLink({ client: 1, server: 1 }), server: new WrapperServerLink() }
      : {
          client: new HdlcApduLink({ role: "client", clientAddress: 1, serverAddress: { upper: 1 } }),
          server: new HdlcApduLink({ role: "server" }),
        };
  return new Session({
    links,
    client: { security: clientSecurity(level, form), maxReceivePduSize: clientPdu },
    association: serverAssociation(level, { maxReceivePduSize: serverPdu }),
    ...more,
  });
}

/** Answers with `all`, in turn, for what returns values, and remembers what it was asked. */
function meter(all: readonly CosemData[]) {
  const asked: ServiceRequest[] = [];
  const answer = (received: ServiceRequest): ServiceResponse | undefined => {
    asked.push(received);
    switch (received.type) {
      case "get":
        return { type: "get", results: received.attributes.map((_, i) => ({ data: all[i % all.length]! })) };
      case "set":
        return { type: "set", results: received.attributes.map(() => "success" as const) };
      case "action":
        return {
          type: "action",
          results: received.methods.map((_, i) => ({
            result: "success" as const,
            returned: { data: all[i % all.length]! },
          })),
        };
      default:
        return undefined;
    }
  };
  return { asked, answer };
}

function expectedResponse(made: ServiceRequest, all: readonly CosemData[]): ServiceResponse {
  return meter(all).answer(made)!;
}

/** Lengths of the APDUs that one side sent over the wrapper. */
function apduLengths(session: Session, side: "client" | "server"): number[] {
  const decoder = new WrapperDecoder();
  return session.sent
    .filter(({ from }) => from === side)
    .flatMap(({ bytes }) => [...decoder.push(bytes)].map(({ apdu }) => apdu.length));
}

describe("exchanges between client and server", () => {
  it("deliver requests and answers of any size whole, in every form of security and framing", () => {
    fc.assert(
      fc.property(way, fc.array(request, { minLength: 1, maxLength: 3 }), values, (taken, requests, all) => {
        const { asked, answer } = meter(all);
        const session = sessionOf(taken, { answer }).connect();
        for (const made of requests) {
          assert.deepEqual(plain(session.response(made)), plain(expectedResponse(made, all)));
        }
        assert.deepEqual(asked.map(plain), requests.map(plain));
        session.client.release();
        session.run();
        assert.equal(session.clientEvents.at(-1)?.type, "released");
        assert.deepEqual(
          session.serverEvents.filter(({ type }) => type === "fault" || type === "frame-dropped"),
          [],
        );
      }),
      { numRuns: 75 },
    );
  });

  it("send no APDU that is longer than the other side takes", () => {
    fc.assert(
      fc.property(way, request, values, (taken, made, all) => {
        const session = sessionOf({ ...taken, framing: "wrapper" }, { answer: meter(all).answer }).connect();
        const handshake = session.sent.length;
        session.response(made);
        session.sent.splice(0, handshake);
        assert.ok(Math.max(...apduLengths(session, "client")) <= taken.serverPdu);
        assert.ok(Math.max(...apduLengths(session, "server")) <= taken.clientPdu);
      }),
      { numRuns: 75 },
    );
  });

  it("fill the APDUs of a long transfer to the last octet", () => {
    const parameters = cosem.octetString(new Uint8Array(5000));
    for (const form of ["glo", "general-glo", "ded", "general-ded"] as const) {
      for (const serverPdu of [144, 145, 146, 147, 160, 280, 281, 282, 283, 284, 285, 286, 1000]) {
        const taken: Way = { level: "hls5", form, framing: "wrapper", clientPdu: 1000, serverPdu };
        const session = sessionOf(taken, { answer: meter([cosem.nullData()]).answer }).connect();
        session.sent.length = 0;
        session.response({ type: "set", attributes: [attribute], values: [parameters] });
        const longest = Math.max(...apduLengths(session, "client"));
        // Where the length of a length grows, one or two octets may stay empty.
        assert.ok(longest <= serverPdu && longest >= serverPdu - 2, `${form}: ${longest} of ${serverPdu}`);
      }
    }
  });

  it("come to the same events however the transport cuts the octets", () => {
    fc.assert(
      fc.property(
        way,
        request,
        values,
        fc.array(fc.nat(40), { minLength: 1, maxLength: 20 }),
        (taken, made, all, at) => {
          const run = (cut?: SessionOptions["cut"]) => {
            const session = sessionOf(taken, { answer: meter(all).answer, ...(cut && { cut }) }).connect();
            session.ask(made);
            session.client.release();
            session.run();
            const { clientEvents, serverEvents, sent } = session;
            return plain({ clientEvents, serverEvents, sent });
          };
          let turn = 0;
          const pieces = function* (bytes: Uint8Array) {
            for (let from = 0; from < bytes.length; ) {
              const length = 1 + at[turn++ % at.length]!;
              yield bytes.subarray(from, from + length);
              from += length;
            }
          };
          assert.deepEqual(run(pieces), run());
        },
      ),
      { numRuns: 60 },
    );
  });

  it("put a list of one element as a normal request", () => {
    const { asked, answer } = meter([cosem.nullData()]);
    const session = new Session({ answer }).connect();
    session.response({ type: "get", attributes: [attribute] });
    assert.equal(toHex(session.sent.at(-2)!.bytes.subarray(8, 11)), "C00141");
    assert.equal(asked.length, 1);
  });

  it("count invoke-ids from 1 and wrap them after 15", () => {
    const session = new Session({ answer: meter([cosem.nullData()]).answer }).connect();
    session.sent.length = 0;
    for (let i = 0; i < 17; i++) session.response({ type: "get", attributes: [attribute] });
    const ids = session.sent.filter(({ from }) => from === "client").map(({ bytes }) => bytes[10]! & 0x0f);
    assert.deepEqual(ids, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1]);
  });

  it("refuse a GET that the server's APDU size cannot hold before anything is sent", () => {
    const session = new Session({ association: serverAssociation("none", { maxReceivePduSize: 60 }) }).connect();
    const before = session.sent.length;
    const attributes = new Array(8).fill(attribute);
    assert.throws(() => session.client.request({ type: "get", attributes }), { code: "local/invalid-value" });
    session.run();
    assert.equal(session.sent.length, before);
    assert.equal(session.client.state, "associated");
  });

  it("stop beyond the limit that the client sets for an answer in blocks, not before", () => {
    const long = cosem.octetString(new Uint8Array(5000));
    const { length } = encodeData(long);
    const ask = (maxAnswerLength: number) => {
      const client = { maxReceivePduSize: 200, maxAnswerLength };
      const session = new Session({ client, answer: meter([long]).answer }).connect();
      const event = session.ask({ type: "get", attributes: [attribute] });
      return event?.type === "refused" ? event.error.code : event?.type;
    };
    assert.equal(ask(length), "response");
    assert.equal(ask(length - 1), "remote/too-large");
  });

  it("give up a request whose blocks exceed the server's limit, and go on", () => {
    const session = new Session({
      server: { maxRequestLength: 500 },
      association: serverAssociation("none", { maxReceivePduSize: 100 }),
      answer: meter([cosem.nullData()]).answer,
    }).connect();
    const long = cosem.octetString(new Uint8Array(2000));
    const set = session.response({ type: "set", attributes: [attribute], values: [long] });
    assert.deepEqual(set, { type: "set", results: ["long-set-aborted"] });
    const action = session.response({ type: "action", methods: [method], parameters: [long] });
    assert.deepEqual(action, { type: "action", results: [{ result: "long-action-aborted" }] });
    assert.equal(session.response({ type: "get", attributes: [attribute] }).type, "get");
  });
});

describe("a value that is handed over as it comes", () => {
  const read = (value: GetResult, { wanted = true, client = {} as SessionOptions["client"] } = {}) => {
    const parts: Uint8Array[] = [];
    const answer = () => ({ type: "get" as const, results: [value] });
    const session = new Session({ client: { maxReceivePduSize: 100, ...client }, answer }).connect();
    const deliver = wanted ? (octets: Uint8Array) => void parts.push(octets) : undefined;
    session.client.request({ type: "get", attributes: [attribute] }, { deliver });
    const before = session.clientEvents.length;
    session.run();
    return { parts, event: session.clientEvents[before]!, session };
  };
  const long = cosem.array(Array.from({ length: 300 }, (_, i) => cosem.longUnsigned(i)));

  it("comes block by block, all of its octets and in their order", () => {
    const { parts, event } = read({ data: long });
    assert.ok(parts.length > 9 && parts.every(({ length }) => length <= 100));
    assert.deepEqual(concatBytes(...parts), encodeData(long));
    assert.deepEqual(event, { type: "delivered", octets: encodeData(long).length });
  });

  it("is a response when it comes whole, is an error, or nobody takes it", () => {
    for (const result of [{ data: cosem.unsigned(7) }, { error: "object-undefined" as const }]) {
      const { parts, event } = read(result);
      assert.deepEqual([parts, event], [[], { type: "response", response: { type: "get", results: [result] } }]);
    }
    assert.equal(read({ data: long }, { wanted: false }).event.type, "response");
  });

  it("ends beyond the limits as any answer does, and the association goes on", () => {
    const { length } = encodeData(long);
    const { event, session } = read({ data: long }, { client: { maxAnswerLength: length - 1 } });
    assert.equal(event.type === "refused" && event.error.code, "remote/too-large");
    assert.equal(session.client.state, "associated");
    assert.equal(read({ data: long }, { client: { maxAnswerLength: length } }).event.type, "delivered");
    const few = read({ data: long }, { client: { maxBlocks: 3 } });
    assert.equal(few.event.type === "refused" && few.event.error.code, "remote/too-many");
    assert.equal(few.parts.length, 3);
  });
});

describe("exchanges with short names", () => {
  const variables = [{ shortName: 0x2f20 }, { shortName: 0x2f28, access: withSelection.access }];

  function shortNameSession(answer: SessionOptions["answer"], clientPdu = 200): Session {
    return new Session({
      client: { referencing: "short-name", security: clientSecurity("lls"), maxReceivePduSize: clientPdu },
      association: serverAssociation("lls", { referencing: "short-name" }),
      answer: answer!,
    }).connect();
  }

  it("read several variables, in blocks when the answer is long", () => {
    for (const length of [4, 900]) {
      const results = [{ data: cosem.octetString(new Uint8Array(length)) }, { error: "object-undefined" as const }];
      const session = shortNameSession(() => ({ type: "read", results }));
      assert.deepEqual(plain(session.response({ type: "read", variables })), plain({ type: "read", results }));
      assert.deepEqual(session.serverEvents.at(-1), { type: "request", request: { type: "read", variables } });
    }
  });

  it("write several variables", () => {
    const session = shortNameSession(() => ({ type: "write", results: ["success", "type-unmatched"] }));
    const write = { type: "write" as const, variables, values: [cosem.unsigned(1), cosem.unsigned(2)] };
    assert.deepEqual(session.response(write), { type: "write", results: ["success", "type-unmatched"] });
    assert.deepEqual(session.serverEvents.at(-1), { type: "request", request: write });
  });
});
