import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type ClientEvent,
  cosem,
  DlmsClient,
  encodeApdu,
  encodeWrapperFrame,
  HdlcApduLink,
  type ServerEvent,
  type ServiceRequest,
  type ServiceResponse,
  WrapperClientLink,
} from "../../src/dlms/index.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { anyApdu } from "./arbitraries.ts";
import { plain } from "./plain.ts";
import { clientSecurity, type SecurityLevel, Session, serverAssociation } from "./session.ts";

/** Peers that send what they should not: nothing but events may come of it. */

const attribute = { classId: 8, logicalName: parseObis("0.0.1.0.0.255"), attribute: 2 };
const get: ServiceRequest = { type: "get", attributes: [attribute] };
const secret = cosem.visibleString("the right answer");
const response: ServiceResponse = { type: "get", results: [{ data: secret }] };

const level = fc.constantFrom<SecurityLevel>("none", "lls", "lls-ciphered", "hls5");
const stage = fc.constantFrom("connecting", "associated", "requesting", "releasing");
type Stage = "connecting" | "associated" | "requesting" | "releasing";

/** A session whose client is at a stage because nothing more of the server's reaches it. */
function sessionAt(at: Stage, security: SecurityLevel, links?: Links): Session {
  let isCut = at === "connecting";
  const session = new Session({
    client: { security: clientSecurity(security) },
    association: serverAssociation(security),
    answer: () => response,
    cut: (bytes, to) => (isCut && to === "client" ? [] : [bytes]),
    ...(links && { links }),
  });
  session.connect();
  isCut = true;
  if (at === "requesting") session.ask(get);
  if (at === "releasing") session.client.release();
  session.run();
  return session;
}

interface Links {
  readonly client: HdlcApduLink;
  readonly server: HdlcApduLink;
}

function hdlcLinks(): Links {
  return {
    client: new HdlcApduLink({ role: "client", clientAddress: 1, serverAddress: { upper: 1 } }),
    server: new HdlcApduLink({ role: "server" }),
  };
}

function frame(apdu: Uint8Array): Uint8Array {
  return encodeWrapperFrame({ source: 1, destination: 1, apdu });
}

function drain<T>(source: { nextEvent(): T | undefined }): T[] {
  const events: T[] = [];
  for (let event = source.nextEvent(); event; event = source.nextEvent()) events.push(event);
  return events;
}

/** Codes of errors that the peer may cause. */
const PEERS_FAULT = /^(remote|security)\//;

function assertPeersFault(events: readonly (ClientEvent | ServerEvent)[]): void {
  for (const event of events) {
    if ("error" in event && event.error) assert.match(event.error.code, PEERS_FAULT);
  }
}

const octets = fc.uint8Array({ maxLength: 60 });
/** APDUs of every type, some of them cut short or with an octet changed. */
const twistedApdu = fc
  .tuple(anyApdu.map(encodeApdu), fc.nat(), fc.nat(255), fc.constantFrom("whole", "cut", "changed"))
  .map(([apdu, at, octet, twist]) => {
    const place = at % apdu.length;
    if (twist === "cut") return apdu.slice(0, place);
    return twist === "changed" ? Uint8Array.from(apdu, (old, i) => (i === place ? octet : old)) : apdu;
  })
  .filter((apdu) => apdu.length <= 0xffff);

describe("a client with a hostile server", () => {
  it("comes to events and nothing else, whatever octets it gets in whatever state", () => {
    fc.assert(
      fc.property(stage, level, fc.array(octets, { maxLength: 4 }), (at, security, chunks) => {
        const { client } = sessionAt(at, security);
        for (const chunk of chunks) client.receive(chunk);
        assertPeersFault(drain(client));
      }),
    );
  });

  it("comes to events and nothing else, whatever APDU it gets in whatever state", () => {
    fc.assert(
      fc.property(stage, level, fc.array(twistedApdu, { maxLength: 3 }), (at, security, apdus) => {
        const { client } = sessionAt(at, security);
        for (const apdu of apdus) client.receive(frame(apdu));
        assertPeersFault(drain(client));
      }),
      { numRuns: 250 },
    );
  });

  it("is released in the end, whatever it gets instead of the answer to its RLRQ", () => {
    fc.assert(
      fc.property(level, fc.array(twistedApdu, { maxLength: 3 }), (security, apdus) => {
        const { client } = sessionAt("releasing", security);
        for (const apdu of apdus) client.receive(frame(apdu));
        client.disconnected();
        assert.deepEqual(
          drain(client).filter(({ type }) => !["notification", "frame-dropped", "send"].includes(type)),
          [{ type: "released" }],
        );
      }),
    );
  });

  it("takes no ciphered answer in which a bit was flipped", () => {
    fc.assert(
      fc.property(fc.constantFrom("glo", "general-glo", "ded", "general-ded"), fc.nat(), (form, position) => {
        let isFlipped = false;
        const flip = (apdu: Uint8Array) => {
          if (!isFlipped) return apdu;
          const bit = position % (apdu.length * 8);
          return Uint8Array.from(apdu, (octet, i) => (i === bit >> 3 ? octet ^ (0x80 >> (bit & 7)) : octet));
        };
        const session = new Session({
          client: { security: clientSecurity("hls5", form) },
          association: serverAssociation("hls5"),
          server: { hooks: { sealed: flip } },
          answer: () => response,
        }).connect();
        isFlipped = true;
        const event = session.ask(get);
        // The outer tag is not authenticated, and one form of ciphering may turn into another: the text stays right.
        if (event?.type === "response") assert.deepEqual(plain(event.response), plain(response));
        else assert.ok(event?.type === "failed" || event?.type === "refused", event?.type);
      }),
      { numRuns: 400 },
    );
  });

  it("says no octet of what it could not verify", () => {
    fc.assert(
      fc.property(fc.nat(), (position) => {
        const hooks = {
          sealed: (apdu: Uint8Array) =>
            apdu[0] === 0xcc ? Uint8Array.from(apdu, (o, i) => (i === 7 + (position % 16) ? o ^ 0x20 : o)) : apdu,
        };
        const session = new Session({
          client: { security: clientSecurity("hls5") },
          association: serverAssociation("hls5"),
          server: { hooks },
          answer: () => response,
        }).connect();
        const event = session.ask(get);
        assert.ok(event?.type === "failed");
        assert.equal(event.error.code, "security/tag");
        assert.ok(!JSON.stringify([event.error.message, event.error.context]).includes("right"));
      }),
      { numRuns: 20 },
    );
  });

  it("survives any octets over HDLC", () => {
    fc.assert(
      fc.property(stage, fc.array(octets, { maxLength: 4 }), (at, chunks) => {
        const { client } = sessionAt(at, "hls5", hdlcLinks());
        for (const chunk of chunks) client.receive(chunk);
        assertPeersFault(drain(client));
      }),
    );
  });
});

describe("a server with a hostile client", () => {
  it("comes to events and nothing else, and serves a good client afterwards", () => {
    fc.assert(
      fc.property(stage, level, fc.array(twistedApdu, { maxLength: 4 }), (at, security, apdus) => {
        const { server } = sessionAt(at, security);
        for (const apdu of apdus) {
          server.receive(frame(apdu));
          assertPeersFault(drain(server));
        }
        const good = new DlmsClient({
          link: new WrapperClientLink({ client: 1, server: 1 }),
          security: clientSecurity(security),
        });
        good.connect();
        const events: string[] = [];
        for (let event = good.nextEvent(); event; event = good.nextEvent()) {
          if (event.type !== "send") events.push(event.type);
          else server.receive(event.bytes);
          for (const answer of drain(server)) if (answer.type === "send") good.receive(answer.bytes);
        }
        assert.deepEqual(events, ["associated"]);
      }),
      { numRuns: 250 },
    );
  });

  it("comes to events and nothing else, whatever octets it gets over either framing", () => {
    fc.assert(
      fc.property(stage, fc.boolean(), fc.array(octets, { maxLength: 4 }), (at, isHdlc, chunks) => {
        const { server } = sessionAt(at, "hls5", isHdlc ? hdlcLinks() : undefined);
        for (const chunk of chunks) server.receive(chunk);
        assertPeersFault(drain(server));
      }),
    );
  });
});
