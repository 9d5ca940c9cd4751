import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_HDLC_INFORMATION_LENGTH } from "../../src/dlms/hdlc-frame.ts";
import { type HdlcEvent, HdlcLink } from "../../src/dlms/hdlc-link.ts";
import type { HdlcParameters } from "../../src/dlms/hdlc-parameters.ts";
import { toHex } from "../../src/lib/bytes.ts";

/** What the way between two links does to octets. */
type Way = (bytes: Uint8Array) => Uint8Array[];

interface Talk {
  readonly requests: string[];
  readonly answers: string[];
  /** Other events of both sides. */
  readonly others: HdlcEvent["type"][];
}

/** A client and a server that exchange each request for the answer next to it, until nothing moves any more. */
function talk(
  client: HdlcLink,
  server: HdlcLink,
  pairs: readonly (readonly [Uint8Array, Uint8Array])[],
  way: Way,
): Talk {
  const result: Talk = { requests: [], answers: [], others: [] };
  let asked = 0;
  const ask = () => (asked < pairs.length ? client.send(pairs[asked++]![0]) : client.disconnect());
  const step = (link: HdlcLink, peer: HdlcLink): boolean => {
    const event = link.nextEvent();
    if (event === undefined) return false;
    if (event.type === "send") for (const piece of way(event.bytes)) peer.receive(piece);
    else if (event.type !== "message") result.others.push(event.type);
    if (event.type === "connected" && link === client) ask();
    if (event.type !== "message") return true;
    (link === client ? result.answers : result.requests).push(toHex(event.bytes));
    if (link === client) ask();
    else link.send(pairs[result.requests.length - 1]![1]);
    return true;
  };
  client.connect();
  while (step(client, server) || step(server, client));
  return result;
}

const apdu = fc.oneof(
  { weight: 3, arbitrary: fc.uint8Array({ maxLength: 300 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 0, maxLength: 5000, size: "max" }) },
);
const pairs = fc.array(fc.tuple(apdu, apdu), { maxLength: 4 });
const maxInformation = fc.oneof(
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 13, max: MAX_HDLC_INFORMATION_LENGTH }),
);
const parameters: fc.Arbitrary<Partial<HdlcParameters>> = fc.record({
  maxInformationTransmit: maxInformation,
  maxInformationReceive: maxInformation,
  windowReceive: fc.integer({ min: 1, max: 7 }),
});
const sides = fc
  .record({
    own: parameters,
    peer: parameters,
    clientAddress: fc.integer({ min: 1, max: 127 }),
    serverAddress: fc.record({ upper: fc.nat(0x3fff), lower: fc.nat(0x3fff) }),
  })
  .map(({ own, peer, ...rest }) => ({
    client: () => new HdlcLink({ role: "client", parameters: own, ...rest }),
    server: () => new HdlcLink({ role: "server", parameters: peer }),
  }));

const direct: Way = (bytes) => [bytes];

describe("HDLC between a client and a server", () => {
  it("delivers each APDU once and whole, whatever its length, the parameters and the cuts of the stream", () => {
    const cutLengths = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(sides, pairs, cutLengths, ({ client, server }, sent, lengths) => {
        let turn = 0;
        const way: Way = (bytes) => {
          const pieces: Uint8Array[] = [];
          for (let at = 0; at < bytes.length; ) {
            const length = lengths[turn++ % lengths.length]!;
            pieces.push(bytes.subarray(at, at + length));
            at += length;
          }
          return pieces;
        };
        assert.deepEqual(talk(client(), server(), sent, way), {
          requests: sent.map(([request]) => toHex(request)),
          answers: sent.map(([, answer]) => toHex(answer)),
          others: ["connected", "connected", "disconnected", "disconnected"],
        });
      }),
      { numRuns: 60 },
    );
  });

  it("delivers nothing that was not sent when bits flip on the way", () => {
    fc.assert(
      fc.property(
        sides,
        pairs,
        fc.nat(400),
        fc.nat(),
        fc.integer({ min: 1, max: 3 }),
        (links, sent, frame, bit, flips) => {
          let count = 0;
          const way: Way = (bytes) => {
            if (count++ !== frame % (2 + 4 * (sent.length + 1))) return [bytes];
            const flipped = bytes.slice();
            for (let i = 0; i < flips; i++) {
              const at = (bit + 17 * i) % (8 * bytes.length);
              flipped[at >> 3]! ^= 1 << (at & 7);
            }
            return [flipped];
          };
          const { requests, answers } = talk(links.client(), links.server(), sent, way);
          const isStart = (some: string[], of: string[]) => assert.deepEqual(some, of.slice(0, some.length));
          isStart(
            requests,
            sent.map(([request]) => toHex(request)),
          );
          isStart(
            answers,
            sent.map(([, answer]) => toHex(answer)),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it("takes any octets in any state without an exception, and tells no more than they hold", () => {
    const noise = fc.array(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc
          .array(fc.constantFrom(0x7e, 0xa0, 0xa8, 0x03, 0x07, 0x93, 0x73), { maxLength: 60 })
          .map((octets) => Uint8Array.from(octets)),
      ),
    );
    fc.assert(
      fc.property(fc.boolean(), fc.boolean(), noise, (isClient, isUp, pieces) => {
        const client = new HdlcLink({ role: "client", clientAddress: 1, serverAddress: { upper: 1 } });
        const server = new HdlcLink({ role: "server" });
        if (isUp) {
          client.connect();
          const snrm = client.nextEvent();
          assert.ok(snrm?.type === "send");
          server.receive(snrm.bytes);
          const ua = server.nextEvent();
          assert.ok(ua?.type === "send");
          client.receive(ua.bytes);
          client.nextEvent();
          server.nextEvent();
        }
        const link = isClient ? client : server;
        let octets = 0;
        let told = 0;
        for (const piece of pieces) {
          link.receive(piece);
          octets += piece.length;
          while (link.nextEvent() !== undefined) told++;
        }
        assert.ok(told <= octets);
      }),
    );
  });

  it("gives up on a message beyond the limit, in segments however small", () => {
    const client = new HdlcLink({ role: "client", clientAddress: 1, serverAddress: { upper: 1 } });
    const tiny = { maxInformationReceive: 1 };
    const server = new HdlcLink({ role: "server", parameters: tiny, maxApduLength: 100 });
    const within = talk(client, server, [[new Uint8Array(100), new Uint8Array(0)]], direct);
    assert.equal(within.requests.length, 1);
    const beyond = talk(client, server, [[new Uint8Array(101), new Uint8Array(0)]], direct);
    assert.deepEqual(beyond.requests, []);
    assert.deepEqual(beyond.others.sort(), ["connected", "connected", "disconnected", "failed"]);
  });
});
