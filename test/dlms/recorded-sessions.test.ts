import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { HdlcDecoder } from "../../src/dlms/hdlc-decoder.ts";
import {
  type ApduSender,
  decodeApdu,
  encodeWrapperFrame,
  explainApdu,
  InvocationCounter,
  WrapperClientLink,
  WrapperDecoder,
} from "../../src/dlms/index.ts";
import { concatBytes, fromHex, toHex } from "../../src/lib/bytes.ts";
import { KEYS, Session, serverAssociation } from "./session.ts";

/** Sessions between a client and a meter that others wrote; see the README beside them. */

interface Recorded {
  readonly from: "client" | "meter";
  readonly bytes: Uint8Array;
}

const SENDERS: Readonly<Record<Recorded["from"], ApduSender>> = {
  client: { keys: KEYS, systemTitle: fromHex("4775727578313233") },
  meter: { keys: KEYS, systemTitle: fromHex("4142434445464748") },
};

function recorded(trace: string): Recorded[] {
  const text = readFileSync(new URL(`../vectors/dlms-traces/${trace}.hex`, import.meta.url), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ from: line.startsWith("C") ? "client" : "meter", bytes: fromHex(line.slice("C->M ".length)) }));
}

function wrapperApdus(trace: string): Recorded[] {
  return recorded(trace).flatMap(({ from, bytes }) =>
    [...new WrapperDecoder().push(bytes)].map(({ apdu }) => ({ from, bytes: apdu })),
  );
}

const LLC_LENGTH = 3;

/** The APDUs of a session over HDLC: information of the frames of a side, put together up to the last segment. */
function hdlcApdus(trace: string): Recorded[] {
  const decoders = { client: new HdlcDecoder(), meter: new HdlcDecoder() };
  const parts: Record<Recorded["from"], Uint8Array[]> = { client: [], meter: [] };
  const apdus: Recorded[] = [];
  for (const { from, bytes } of recorded(trace)) {
    for (const decoded of decoders[from].push(bytes)) {
      assert.ok(decoded.type === "frame", "a recorded frame is damaged");
      if (decoded.frame.control.type !== "I") continue;
      parts[from].push(decoded.frame.information);
      if (decoded.frame.segmented) continue;
      apdus.push({ from, bytes: concatBytes(...parts[from]).subarray(LLC_LENGTH) });
      parts[from] = [];
    }
  }
  return apdus;
}

function explained(apdus: readonly Recorded[]): string[] {
  return apdus.map(({ from, bytes }) => `${from}: ${explainApdu(bytes, SENDERS[from])}`);
}

const SESSIONS: Readonly<Record<string, readonly Recorded[]>> = {
  none: wrapperApdus("none"),
  low: wrapperApdus("low"),
  hls5: wrapperApdus("hls5"),
  "hdlc-hls5": hdlcApdus("hdlc-hls5"),
};

describe("recorded DLMS sessions, explained", () => {
  for (const [trace, apdus] of Object.entries(SESSIONS)) {
    it(`deciphers and explains every APDU of ${trace}.hex`, () => {
      const lines = explained(apdus);
      assert.ok(lines.length >= 24);
      assert.deepEqual(
        lines.filter((line) => line.includes("faulty")),
        [],
      );
    });
  }

  it("tells the course of the session with HLS5", () => {
    const lines = explained(SESSIONS.hls5!);
    const wanted: readonly (readonly [number, RegExp])[] = [
      [0, /^client: aarq logical-name-with-ciphering, high-gmac, system title 4775727578313233: ciphered 21 counter 1/],
      [1, /^meter: aare result 0, acse-service-user 14, .* ciphered 28 counter 0: initiate-response, PDU 512/],
      [
        2,
        /^client: ciphered CB counter 3: action-request-normal 1 high priority 15\/0.0.40.0.0.255\/m1 \[\(withheld\)\]/,
      ],
      [3, /^meter: ciphered CF counter 3: action-response-normal 1 high priority success octet-string 1000000002/],
      [4, /^client: ciphered DB counter 4: get-request-normal 1 high priority 15\/0.0.40.0.0.255\/2/],
      [5, /^meter: ciphered DB counter 4: get-response-with-datablock 1 high priority block 1 406 octets/],
      [lines.length - 3, /^meter: ciphered DB counter 15: get-response-normal .* long-unsigned 1/],
      [lines.length - 2, /^client: rlrq reason 0/],
      [lines.length - 1, /^meter: exception-response stateError 1 serviceError 2/],
    ];
    for (const [line, pattern] of wanted) assert.match(lines[line]!, pattern);
  });

  it("tells nothing secret", () => {
    const lines = explained(SESSIONS.low!).join("\n");
    assert.ok(!lines.includes("Gurux") && !lines.includes(toHex(Buffer.from("Gurux"))));
  });

  it("says what is wrong with a damaged APDU and goes on with the next", () => {
    const damaged = SESSIONS.hls5!.map(({ from, bytes }, i) => {
      const copy = Uint8Array.from(bytes);
      if (i === 5) copy[40]! ^= 1;
      return { from, bytes: i === 7 ? copy.subarray(0, 100) : copy };
    });
    const lines = explained(damaged);
    assert.match(lines[5]!, /ciphered DB, faulty, security\/tag/);
    assert.match(lines[7]!, /faulty, remote\/truncated/);
    assert.match(lines[9]!, /get-response-with-datablock 1 high priority block 3 459 octets/);
  });

  it("says that a release response has a wrong length", () => {
    const octets = fromHex(`6324800100BE230421${"28".padEnd(66, "0")}`);
    assert.match(explainApdu(octets), /^rlre reason 0, faulty: a length in it is too small/);
  });
});

/** What the recorded client sent, and the session of the trace answers, up to the end of the handshake. */
const HANDSHAKE = SESSIONS.hls5!.slice(0, 4).map(({ bytes }) => bytes);

function challengeIn(octets: Uint8Array): Uint8Array {
  const apdu = decodeApdu(octets);
  if (apdu.type === "aarq") return apdu.callingAuthenticationValue!;
  assert.ok(apdu.type === "aare");
  return apdu.respondingAuthenticationValue!;
}

describe("recorded HLS5 handshakes", () => {
  it("come to an association with our client in the recorded client's place", () => {
    const [aarq, aare, pass3, pass4] = HANDSHAKE as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const { client } = new Session({
      client: {
        link: new WrapperClientLink({ client: 1, server: 1 }),
        conformance: conformanceOf(aarq),
        security: {
          type: "hls5",
          challenge: challengeIn(aarq),
          ciphering: {
            keys: KEYS,
            systemTitle: SENDERS.client.systemTitle,
            invocationCounter: new InvocationCounter(1),
          },
        },
      },
    });
    const next = (): Uint8Array => {
      const event = client.nextEvent();
      assert.ok(event?.type === "send");
      return event.bytes.subarray(8);
    };
    client.connect();
    assert.equal(toHex(next()), toHex(aarq));
    client.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: aare }));
    assert.equal(toHex(next()), toHex(pass3));
    client.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: pass4 }));
    assert.equal(client.nextEvent()?.type, "associated");
  });

  it("come to an association with our server in the recorded meter's place", () => {
    const [aarq, aare, pass3, pass4] = HANDSHAKE as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    // The recorded meter skips a value before its token.
    const counters = [0, 2, 3];
    const { server } = new Session({
      server: { random: { bytes: () => challengeIn(aare) } },
      association: {
        ...serverAssociation("hls5"),
        conformance: conformanceOf(aare),
        maxReceivePduSize: 512,
        security: {
          type: "hls5",
          ciphering: {
            keys: KEYS,
            systemTitle: SENDERS.meter.systemTitle,
            invocationCounter: { next: () => counters.shift()! },
          },
        },
      },
    });
    const next = (): string => {
      const event = server.nextEvent();
      assert.ok(event?.type === "send", `the server came to ${JSON.stringify(event)}`);
      return toHex(event.bytes.subarray(8));
    };
    server.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: aarq }));
    assert.equal(next(), toHex(aare));
    server.receive(encodeWrapperFrame({ source: 1, destination: 1, apdu: pass3 }));
    assert.equal(next(), toHex(pass4));
    assert.equal(server.nextEvent()?.type, "associated");
  });
});

function conformanceOf(octets: Uint8Array) {
  const apdu = decodeApdu(octets);
  assert.ok(apdu.type === "aarq" || apdu.type === "aare");
  const ciphered = decodeApdu(apdu.userInformation!);
  assert.ok(ciphered.type === "ciphered");
  const { systemTitle } = SENDERS[apdu.type === "aarq" ? "client" : "meter"];
  const initiate = decodeApdu(KEYS.unprotect(ciphered.payload, systemTitle).plaintext);
  assert.ok(initiate.type === "initiate-request" || initiate.type === "initiate-response");
  return initiate.conformance;
}
