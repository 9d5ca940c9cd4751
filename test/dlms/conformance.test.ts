import assert from "node:assert/strict";
import {
  type Apdu,
  type ClientEvent,
  type ConformanceBit,
  cosem,
  decodeApdu,
  encodeApdu,
  encodeWrapperFrame,
  type ServiceRequest,
  type ServiceResponse,
  WrapperDecoder,
} from "../../src/dlms/index.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { plain } from "./plain.ts";
import { clientSecurity, Session, type SessionOptions, serverAssociation } from "./session.ts";

/** Both sides keep to what was negotiated. */

const logicalName = parseObis("0.0.1.0.0.255");
const attribute = { classId: 8, logicalName, attribute: 2 };
const selective = { ...attribute, access: { selector: 1, parameters: cosem.nullData() } };
const method = { classId: 18, logicalName, method: 2 };
const long = cosem.octetString(new Uint8Array(2000));
const invoke = { id: 1, confirmed: true, highPriority: false };
const block = { last: false, number: 1, raw: new Uint8Array(4) };

const ALL = ["get", "set", "action"] as const;

function answerWith(value: typeof long | ReturnType<typeof cosem.unsigned>) {
  return (request: ServiceRequest): ServiceResponse | undefined => {
    switch (request.type) {
      case "get":
        return { type: "get", results: request.attributes.map(() => ({ data: value })) };
      case "set":
        return { type: "set", results: request.attributes.map(() => "success") };
      case "action":
        return {
          type: "action",
          results: request.methods.map(() => ({ result: "success", returned: { data: value } })),
        };
      case "read":
        return { type: "read", results: request.variables.map(() => ({ data: value })) };
      default:
        return undefined;
    }
  };
}

/** An association in which just these bits are granted, whichever side it is that has no more. */
function granting(
  conformance: readonly ConformanceBit[],
  value = cosem.unsigned(7) as Parameters<typeof answerWith>[0],
  more: SessionOptions = {},
): Session {
  return new Session({
    client: { maxReceivePduSize: 640 },
    association: serverAssociation("none", { conformance, maxReceivePduSize: 640 }),
    answer: answerWith(value),
    ...more,
  }).connect();
}

/** What a server says to an APDU that our client would not send. */
function askRaw(session: Session, apdu: Apdu): Apdu[] {
  session.server.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: encodeApdu(apdu) }));
  const answers: Apdu[] = [];
  const decoder = new WrapperDecoder();
  for (let event = session.server.nextEvent(); event; event = session.server.nextEvent()) {
    if (event.type === "send") answers.push(...[...decoder.push(event.bytes)].map((frame) => decodeApdu(frame.apdu)));
    else if (event.type !== "fault") assert.fail(`the server came to ${event.type}`);
  }
  return answers;
}

const notSupported: Apdu = { type: "exception-response", stateError: 2, serviceError: 2 };

describe("a server", () => {
  it("answers what does not fit one APDU with data-block-unavailable where it granted no block transfer", () => {
    const session = granting([...ALL, "multiple-references"], long);
    const error = { error: "data-block-unavailable" as const };
    assert.deepEqual(session.response({ type: "get", attributes: [attribute] }), { type: "get", results: [error] });
    assert.deepEqual(session.response({ type: "get", attributes: [attribute, attribute] }), {
      type: "get",
      results: [error, error],
    });
    assert.deepEqual(session.response({ type: "action", methods: [method], parameters: [undefined] }), {
      type: "action",
      results: [{ result: "success", returned: error }],
    });
  });

  const refused: readonly (readonly [what: string, granted: readonly ConformanceBit[], apdu: Apdu])[] = [
    ["GET", ["set"], { type: "get-request-normal", invoke, attribute }],
    ["SET", ["get"], { type: "set-request-normal", invoke, attribute, value: cosem.unsigned(1) }],
    ["ACTION", ["get"], { type: "action-request-normal", invoke, method }],
    ["selective access", ["get"], { type: "get-request-normal", invoke, attribute: selective }],
    ["attribute 0", ["get"], { type: "get-request-normal", invoke, attribute: { ...attribute, attribute: 0 } }],
    ["GET with a list", ALL, { type: "get-request-with-list", invoke, attributes: [attribute, attribute] }],
    ["SET with a list", ALL, { type: "set-request-with-list", invoke, attributes: [attribute], values: [long] }],
    ["SET in blocks", ALL, { type: "set-request-with-first-datablock", invoke, attribute, block }],
    ["ACTION in blocks", ALL, { type: "action-request-with-first-pblock", invoke, method, block }],
    ["the next block of a GET", ALL, { type: "get-request-next", invoke, blockNumber: 1 }],
    ["READ", ALL, { type: "read-request", variables: [{ shortName: 8 }] }],
  ];
  for (const [what, granted, apdu] of refused) {
    it(`answers ${what} with an exception-response where it did not grant it, and goes on`, () => {
      const session = granting(granted);
      assert.deepEqual(askRaw(session, apdu), [notSupported]);
      assert.deepEqual(
        session.serverEvents.filter(({ type }) => type === "request"),
        [],
      );
      assert.equal(session.server.state, "associated");
    });
  }

  it("does not mind a client that never proposed action when it proves who it is", () => {
    const session = new Session({
      client: { security: clientSecurity("hls5"), conformance: ["get"] },
      association: serverAssociation("hls5"),
      answer: answerWith(cosem.unsigned(7)),
    }).connect();
    assert.equal(session.clientEvents[0]?.type, "associated");
    assert.equal(session.response({ type: "get", attributes: [attribute] }).type, "get");
  });
});

describe("a client", () => {
  const missing: readonly (readonly [
    what: string,
    granted: readonly ConformanceBit[],
    request: ServiceRequest,
    bit: ConformanceBit,
  ])[] = [
    ["GET", ["set"], { type: "get", attributes: [attribute] }, "get"],
    ["SET", ["get"], { type: "set", attributes: [attribute], values: [cosem.unsigned(1)] }, "set"],
    ["ACTION", ["get"], { type: "action", methods: [method], parameters: [undefined] }, "action"],
    ["selective access", ["get"], { type: "get", attributes: [selective] }, "selective-access"],
    ["selective access in a list", ["get"], { type: "get", attributes: [attribute, selective] }, "selective-access"],
    [
      "attribute 0",
      ["get"],
      { type: "get", attributes: [{ ...attribute, attribute: 0 }] },
      "attribute0-supported-with-get",
    ],
    [
      "SET with a list",
      ALL,
      { type: "set", attributes: [attribute, attribute], values: [cosem.unsigned(1), cosem.unsigned(1)] },
      "multiple-references",
    ],
    ["a long SET", ALL, { type: "set", attributes: [attribute], values: [long] }, "block-transfer-with-set-or-write"],
    ["a long ACTION", ALL, { type: "action", methods: [method], parameters: [long] }, "block-transfer-with-action"],
    ["READ", ALL, { type: "read", variables: [{ shortName: 8 }] }, "read"],
  ];
  for (const [what, granted, request, bit] of missing) {
    it(`does not send ${what} without ${bit}, names that, and goes on`, () => {
      const session = granting(granted);
      const before = session.sent.length;
      assert.throws(
        () => session.client.request(request),
        (error: { code?: string; context?: { missing?: string } }) => {
          assert.deepEqual([error.code, error.context?.missing], ["local/not-negotiated", bit]);
          return true;
        },
      );
      session.run();
      assert.equal(session.sent.length, before);
      assert.equal(session.client.state, "associated");
    });
  }

  it("reads a list one by one where lists were not granted, and comes to one response", () => {
    const session = granting(["get", "block-transfer-with-get-or-read"], long);
    const attributes = [attribute, { ...attribute, attribute: 3 }, { ...attribute, attribute: 4 }];
    const response = session.response({ type: "get", attributes });
    assert.deepEqual(plain(response), plain({ type: "get", results: attributes.map(() => ({ data: long })) }));
    const asked = session.serverEvents.filter((event) => event.type === "request").map(({ request }) => request);
    assert.deepEqual(
      asked,
      attributes.map((one) => ({ type: "get", attributes: [one] })),
    );
    assert.deepEqual(
      session.clientEvents.map(({ type }) => type),
      ["associated", "response"],
    );
  });

  it("reads a list of short names one by one likewise", () => {
    const more: SessionOptions = {
      client: { referencing: "short-name" },
      association: serverAssociation("none", { referencing: "short-name", conformance: ["read"] }),
    };
    const session = granting([], cosem.unsigned(7), more);
    const variables = [{ shortName: 8 }, { shortName: 16 }];
    const response = session.response({ type: "read", variables });
    assert.deepEqual(response, { type: "read", results: variables.map(() => ({ data: cosem.unsigned(7) })) });
  });

  it("is refused as a whole when one read of several is refused as a whole", () => {
    let count = 0;
    const session = granting(["get"], cosem.unsigned(7), {
      answer: (request) => (++count === 2 ? undefined : answerWith(cosem.unsigned(7))(request)),
    });
    session.ask({ type: "get", attributes: [attribute, attribute, attribute] });
    session.server.refuse(2, 1);
    session.run();
    const end: ClientEvent | undefined = session.clientEvents.at(-1);
    assert.ok(end?.type === "refused");
    assert.equal(session.response({ type: "get", attributes: [attribute] }).type, "get");
  });
});
