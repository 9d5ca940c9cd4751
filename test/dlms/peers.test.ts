import assert from "node:assert/strict";
import { cosem, decodeApdu, encodeApdu, type ServiceResponse } from "../../src/dlms/index.ts";
import { fromHex, toHex } from "../../src/lib/bytes.ts";
import {
  action,
  apdusOf,
  decodeAareCounter,
  get,
  type Hook,
  hls5,
  RLRE,
  release,
  replace,
  withCiphering,
} from "./peers-parts.ts";
import { plain } from "./plain.ts";
import { clientSecurity, countingRandom, KEYS, SERVER_TITLE, Session, serverAssociation } from "./session.ts";

describe("a client among the meters of others", () => {
  for (const [name, rlre] of [
    ["ciphered user-information, 4 octets too short", `6324800100BE230421${"28".padEnd(70, "0")}`],
    ["plain user-information", "6311800100BE10040E0800065F1F040000301D020000070000000000"],
    ["nothing that can be decoded", "63FF"],
  ] as const) {
    it(`is released by an RLRE with a wrong length and ${name}`, () => {
      const session = hls5({ sealed: replace(RLRE, () => fromHex(rlre)) });
      session.response(get);
      assert.deepEqual(release(session), { type: "released" });
    });
  }

  it("is released by an exception-response to its plain RLRQ", () => {
    const session = hls5({ sealed: replace(RLRE, () => fromHex("D80102")) });
    session.response(get);
    assert.deepEqual(release(session), { type: "released" });
  });

  it("is released when the meter closes the connection instead of answering the RLRQ", () => {
    const session = hls5({ sealed: replace(RLRE, () => undefined) });
    release(session);
    session.client.disconnected();
    assert.deepEqual(session.client.nextEvent(), { type: "released" });
  });

  it("tells the counter that a meter expects when its own is too low", () => {
    const session = new Session({
      client: { security: clientSecurity("hls5", "glo", 5) },
      association: withCiphering({ lowestClientCounter: 1000 }),
    }).connect();
    assert.equal(toHex(apdusOf(session, "server")[0]!), "D80106000003E8");
    const [event] = session.clientEvents;
    assert.ok(event?.type === "failed");
    assert.equal(event.error.code, "remote/exception-response");
    assert.deepEqual(event.error.context, { stateError: 1, serviceError: 6, expectedInvocationCounter: 1000 });
  });

  it("tells the numbers of a meter that takes a low counter for a failure to decipher", () => {
    const session = new Session({
      client: { security: clientSecurity("hls5") },
      association: withCiphering({ lowestClientCounter: 1000, replayAnswer: "deciphering-error" }),
    }).connect();
    const [event] = session.clientEvents;
    assert.ok(event?.type === "failed");
    assert.deepEqual(event.error.context, { stateError: 2, serviceError: 5 });
  });

  it("waits on while a meter is silent about a low counter", () => {
    const session = new Session({
      client: { security: clientSecurity("hls5") },
      association: withCiphering({ lowestClientCounter: 1000, replayAnswer: "silence" }),
    }).connect();
    assert.deepEqual(session.clientEvents, []);
    assert.equal(session.client.state, "associating");
  });

  it("takes the counters of a meter that begins at 0 with each association", () => {
    for (let association = 0; association < 2; association++) {
      const session = hls5();
      assert.equal(decodeAareCounter(session), 0);
      assert.equal(session.response(get).type, "get");
    }
  });

  it("associates with challenges of 8 to 64 octets, its own and the meter's", () => {
    for (const [own, meters] of [
      [8, 64],
      [16, 16],
      [64, 8],
    ] as const) {
      const security = clientSecurity("hls5");
      const { security: server } = serverAssociation("hls5");
      assert.ok(security.type === "hls5" && server.type === "hls5");
      const session = new Session({
        client: { security: { ...security, challenge: countingRandom().bytes(own) } },
        association: { security: { ...server, challengeLength: meters } },
        server: { random: { bytes: (length) => new Uint8Array(length).fill(0x55) } },
      }).connect();
      assert.equal(session.clientEvents[0]?.type, "associated", `${own} and ${meters} octets`);
    }
  });

  it("takes an ACTION answer that ends behind the result", () => {
    const denied: ServiceResponse = { type: "action", results: [{ result: "read-write-denied" }] };
    const cutOff = (apdu: Uint8Array) => (apdu[3] === 3 ? apdu.subarray(0, 4) : apdu);
    const session = hls5({ plain: replace(0xc7, cutOff) }, { answer: () => denied });
    assert.deepEqual(session.response(action), denied);
  });

  it("goes on after a ciphered answer that is no APDU", () => {
    let isBroken = true;
    const session = hls5({ plain: (apdu) => (isBroken && apdu[0] === 0xc4 ? fromHex("0001C109") : apdu) });
    const event = session.ask(get);
    assert.ok(event?.type === "refused");
    assert.equal(event.error.code, "remote/malformed");
    isBroken = false;
    assert.equal(session.response(get).type, "get");
  });

  it("passes on how each meter says that an object is unknown", () => {
    for (const error of ["read-write-denied", "object-undefined"] as const) {
      const response: ServiceResponse = { type: "get", results: [{ error }] };
      assert.deepEqual(hls5({}, { answer: () => response }).response(get), response);
    }
  });

  for (const [form, requestTag, answerTag] of [
    ["glo", 0xc8, 0xcc],
    ["general-glo", 0xdb, 0xdb],
    ["ded", 0xd0, 0xd4],
    ["general-ded", 0xdc, 0xdc],
  ] as const) {
    it(`asks and is answered in the form ${form}, after an HLS exchange in glo`, () => {
      const session = hls5({}, { client: { security: clientSecurity("hls5", form) } });
      session.response(get);
      assert.deepEqual(
        apdusOf(session, "client").map(([tag]) => tag),
        [0x60, 0xcb, requestTag],
      );
      assert.deepEqual(
        apdusOf(session, "server").map(([tag]) => tag),
        [0x61, 0xcf, answerTag],
      );
    });
  }

  it("takes an answer in another form than its request's", () => {
    const counters = { next: 100 };
    const general: Hook = (apdu) => {
      const outer = decodeApdu(apdu);
      if (outer.type !== "ciphered" || outer.tag !== 0xcc) return apdu;
      const { plaintext } = KEYS.unprotect(outer.payload, SERVER_TITLE);
      const payload = KEYS.protect(plaintext, SERVER_TITLE, counters.next++);
      return encodeApdu({ type: "ciphered", tag: 0xdb, systemTitle: SERVER_TITLE, payload });
    };
    const session = hls5({ sealed: general }, { client: { security: clientSecurity("hls5", "glo") } });
    assert.equal(session.response(get).type, "get");
    assert.equal(session.response(get).type, "get");
  });

  it("takes a general-glo answer that leaves the system title out", () => {
    const untitled: Hook = (apdu) => {
      const outer = decodeApdu(apdu);
      return outer.type === "ciphered" && outer.systemTitle
        ? encodeApdu({ ...outer, systemTitle: new Uint8Array(0) })
        : apdu;
    };
    assert.equal(hls5({ sealed: untitled }).response(get).type, "get");
  });

  it("takes an object list in blocks of 512 or 256 octets inside general-glo", () => {
    const list = cosem.array(Array.from({ length: 300 }, (_, i) => cosem.structure([cosem.longUnsigned(i)])));
    for (const maxReceivePduSize of [512, 256]) {
      const client = { security: clientSecurity("hls5", "general-glo"), maxReceivePduSize };
      const session = hls5({}, { client, answer: () => ({ type: "get", results: [{ data: list }] }) });
      assert.deepEqual(session.response(get), { type: "get", results: [{ data: list }] });
    }
  });

  it("takes an object list as one APDU of 7 kB with a length of two octets", () => {
    const data = cosem.octetString(new Uint8Array(7200).fill(0xab));
    const session = hls5({}, { answer: () => ({ type: "get", results: [{ data }] }) });
    assert.deepEqual(plain(session.response(get)), plain({ type: "get", results: [{ data }] }));
    const [answer] = apdusOf(session, "server").slice(-1);
    assert.equal(toHex(answer!.subarray(0, 2)), "DB08");
    assert.equal(toHex(answer!.subarray(10, 11)), "82");
    assert.equal(answer!.length, 13 + ((answer![11]! << 8) | answer![12]!));
  });

  it("takes an AARE with the protocol version", () => {
    const AARE = 0x61;
    const versioned = (apdu: Uint8Array) => {
      const aare = decodeApdu(apdu);
      assert.ok(aare.type === "aare");
      return encodeApdu({ ...aare, protocolVersion: true });
    };
    const session = hls5({ plain: replace(AARE, versioned) });
    assert.ok(toHex(apdusOf(session, "server")[0]!).includes("80020780"));
    assert.equal(session.clientEvents[0]?.type, "associated");
  });

  it("passes temporary failures of image transfer on and goes on", () => {
    let tries = 0;
    const session = hls5(
      {},
      { answer: () => ({ type: "action", results: [{ result: ++tries < 3 ? "temporary-failure" : "success" }] }) },
    );
    const results = [1, 2, 3].map(() => session.response(action));
    assert.deepEqual(
      results.map((response) => response.type === "action" && response.results[0]?.result),
      ["temporary-failure", "temporary-failure", "success"],
    );
  });
});
