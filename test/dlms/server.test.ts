import assert from "node:assert/strict";
import {
  type Apdu,
  cosem,
  decodeApdu,
  encodeApdu,
  encodeWrapperFrame,
  type ServiceResponse,
} from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import { attribute, exception, get, getApdu, hls5, invoke, Lonely, method, publicAarq, seal } from "./server-parts.ts";
import { Session, serverAssociation } from "./session.ts";

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
