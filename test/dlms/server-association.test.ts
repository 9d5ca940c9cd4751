import assert from "node:assert/strict";
import {
  type Apdu,
  cosem,
  DlmsServer,
  decodeApdu,
  encodeApdu,
  encodeWrapperFrame,
  WrapperDecoder,
  WrapperServerLink,
} from "../../src/dlms/index.ts";
import { fromHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";
import { plain } from "./plain.ts";
import {
  diagnosticOf,
  exception,
  getApdu,
  highAarq,
  hls5,
  initiate,
  invoke,
  Lonely,
  lowAarq,
  method,
  publicAarq,
  seal,
} from "./server-parts.ts";
import { CHALLENGE, CLIENT_TITLE, countingRandom, KEYS, PASSWORD, SERVER_TITLE, serverAssociation } from "./session.ts";

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
