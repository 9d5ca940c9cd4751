import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { HdlcDecoder } from "../../src/dlms/hdlc-decoder.ts";
import { encodeHdlcFrame, type HdlcControl, type HdlcFrame } from "../../src/dlms/hdlc-frame.ts";
import { type HdlcClientOptions, type HdlcEvent, HdlcLink, type HdlcServerOptions } from "../../src/dlms/hdlc-link.ts";
import { encodeHdlcParameters } from "../../src/dlms/hdlc-parameters.ts";
import { concatBytes, fromHex, toHex } from "../../src/lib/bytes.ts";

const CLIENT: HdlcClientOptions = { role: "client", clientAddress: 1, serverAddress: { upper: 1 } };
const SERVER: HdlcServerOptions = { role: "server" };

function events(link: HdlcLink): HdlcEvent[] {
  const taken: HdlcEvent[] = [];
  for (let event = link.nextEvent(); event !== undefined; event = link.nextEvent()) taken.push(event);
  return taken;
}

function sent(taken: readonly HdlcEvent[]): string[] {
  return taken.flatMap((event) => (event.type === "send" ? [toHex(event.bytes)] : []));
}

/** What happened except for frames: messages as hexadecimal, failures by their code. */
function told(taken: readonly HdlcEvent[]): string[] {
  return taken.flatMap((event) => {
    if (event.type === "send") return [];
    if (event.type === "message") return [`message ${toHex(event.bytes)}`];
    if (event.type === "failed") return [`failed ${event.error.code}`];
    return [event.type === "damaged" ? `damaged ${event.reason}` : event.type];
  });
}

/** A frame from the meter to the client of these tests. */
function fromMeter(control: HdlcControl, information = "", segmented = false): Uint8Array {
  const address = Uint8Array.of(0x03);
  const frame: HdlcFrame = {
    destination: address,
    source: address,
    control,
    segmented,
    information: fromHex(information),
  };
  return encodeHdlcFrame(frame);
}

const UA = fromMeter({ type: "UA", pollFinal: true });
const information = (sendSequence: number, receiveSequence: number, pollFinal = true): HdlcControl => ({
  type: "I",
  sendSequence,
  receiveSequence,
  pollFinal,
});
const ready = (receiveSequence: number): HdlcControl => ({ type: "RR", receiveSequence, pollFinal: true });

function connectedClient(options: Partial<HdlcClientOptions> = {}): HdlcLink {
  const client = new HdlcLink({ ...CLIENT, ...options });
  client.connect();
  client.receive(UA);
  assert.deepEqual(told(events(client)), ["connected"]);
  return client;
}

/** The control octets of frames. */
function controls(frames: readonly string[]): string[] {
  return frames.map((frame) => frame.slice(10, 12));
}

describe("HdlcLink as client", () => {
  it("sends what the client of the recorded session sent, and reads its meter", () => {
    const text = readFileSync(new URL("../vectors/dlms-traces/hdlc-hls5.hex", import.meta.url), "utf8");
    const lines = text.split("\n").filter((line) => line !== "");
    const client = new HdlcLink(CLIENT);
    const actual: HdlcEvent[] = [];
    const expected: string[] = [];
    let messages = 0;
    for (const line of lines) {
      const octets = fromHex(line.slice("C->M ".length));
      if (line.startsWith("M->C")) {
        client.receive(octets);
      } else {
        expected.push(toHex(octets));
        const [decoded] = new HdlcDecoder().push(octets);
        assert.ok(decoded?.type === "frame");
        const { control, information } = decoded.frame;
        if (control.type === "SNRM") client.connect();
        if (control.type === "DISC") client.disconnect();
        if (control.type === "I") client.send(information.subarray(3));
        if (control.type === "I") messages++;
      }
      actual.push(...events(client));
    }
    assert.deepEqual(sent(actual), expected);
    assert.ok(messages >= 14);
    const deliveries = Array.from({ length: messages }, () => "message");
    assert.deepEqual(
      actual.flatMap((event) => (event.type === "send" ? [] : [event.type])),
      ["connected", ...deliveries, "disconnected"],
    );
    const last = actual.findLast((event) => event.type === "message");
    assert.equal(last && toHex(last.bytes), "D80102");
  });

  it("tells what was negotiated, each side in its own direction", () => {
    const own = { maxInformationTransmit: 1000, maxInformationReceive: 2030, windowReceive: 3 };
    const client = new HdlcLink({ ...CLIENT, parameters: own });
    const server = new HdlcLink({ ...SERVER, parameters: { maxInformationTransmit: 600, maxInformationReceive: 500 } });
    client.connect();
    const snrm = events(client);
    for (const frame of sent(snrm)) server.receive(fromHex(frame));
    const answer = events(server);
    for (const frame of sent(answer)) client.receive(fromHex(frame));
    const windows = { windowTransmit: 1, windowReceive: 1 };
    const server1 = { upper: 1 };
    assert.deepEqual(answer[1], {
      type: "connected",
      negotiated: { maxInformationTransmit: 600, maxInformationReceive: 500, ...windows },
      client: 1,
      server: server1,
    });
    assert.deepEqual(events(client), [
      {
        type: "connected",
        negotiated: { maxInformationTransmit: 500, maxInformationReceive: 600, ...windows },
        client: 1,
        server: server1,
      },
    ]);
  });

  it("takes several frames before its turn and acknowledges them together", () => {
    const client = connectedClient();
    client.receive(fromMeter(information(0, 0, false), "E6E70001", true));
    client.receive(fromMeter(information(1, 0, false), "02", true));
    assert.deepEqual(events(client), []);
    client.receive(fromMeter(information(2, 0), "03", true));
    assert.deepEqual(controls(sent(events(client))), ["71"]);
    client.receive(fromMeter(information(3, 0), "04"));
    assert.deepEqual(told(events(client)), ["message 01020304"]);
  });

  it("asks again from the frame that is missing and delivers the message once", () => {
    const client = connectedClient();
    client.receive(fromMeter(information(0, 0, false), "E6E700AA", true));
    client.receive(fromMeter(information(2, 0), "CC"));
    const asked = events(client);
    assert.deepEqual(told(asked), []);
    assert.deepEqual(controls(sent(asked)), ["31"]);
    client.receive(fromMeter(information(1, 0, false), "BB", true));
    client.receive(fromMeter(information(2, 0), "CC"));
    assert.deepEqual(told(events(client)), ["message AABBCC"]);
  });

  it("repeats a frame that the meter did not take, and gives up on a meter that never does", () => {
    const client = connectedClient();
    client.send(Uint8Array.of(0xc0));
    const [first] = sent(events(client));
    for (let i = 0; i < 5; i++) {
      client.receive(fromMeter(ready(0)));
      assert.deepEqual(sent(events(client)), [first]);
    }
    client.receive(fromMeter(ready(0)));
    assert.deepEqual(told(events(client)), ["failed remote/malformed"]);
    assert.throws(() => client.send(Uint8Array.of(1)), { name: "DlmsError", code: "local/illegal-state" });
    client.connect();
    client.receive(UA);
    assert.deepEqual(told(events(client)), ["connected"]);
  });

  it("gives up on a meter whose segments are empty, whether it hands the turn over or not", () => {
    for (const pollFinal of [true, false]) {
      const client = connectedClient();
      let frames = 0;
      for (let ended = false; !ended && frames < 1000; frames++) {
        client.receive(fromMeter(information(frames & 7, 0, pollFinal), "", true));
        ended = told(events(client)).includes("failed remote/malformed");
      }
      assert.ok(frames <= 6, `${frames} frames`);
    }
  });

  it("sends an APDU that fits with its LLC header in one frame, and one octet more in two", () => {
    for (const [length, segmented] of [
      [125, false],
      [126, true],
    ] as const) {
      const client = connectedClient();
      client.send(new Uint8Array(length));
      const [frame] = sent(events(client));
      assert.equal(frame?.slice(2, 4), segmented ? "A8" : "A0");
      assert.equal(frame?.length, 2 * (2 + 9 + 128));
    }
  });

  it("keeps a second APDU back until the answer to the first is there", () => {
    const client = connectedClient();
    client.send(Uint8Array.of(1));
    client.send(Uint8Array.of(2));
    assert.deepEqual(controls(sent(events(client))), ["10"]);
    client.receive(fromMeter(information(0, 1), "E6E70011"));
    const taken = events(client);
    assert.deepEqual(told(taken), ["message 11"]);
    assert.deepEqual(controls(sent(taken)), ["32"]);
  });

  it("takes an APDU that the meter pushes in an unnumbered frame", () => {
    const client = connectedClient();
    client.receive(fromMeter({ type: "UI", pollFinal: false }, "E6E7000F01"));
    client.receive(fromMeter({ type: "UI", pollFinal: false }, "0F01"));
    assert.deepEqual(told(events(client)), ["message 0F01", "damaged llc"]);
  });

  const failures: [string, Uint8Array, string][] = [
    ["an acknowledgement of what was never sent", fromMeter(ready(3)), "failed remote/malformed"],
    ["a message without LLC header", fromMeter(information(0, 0), "C401"), "failed remote/malformed"],
    ["a message beyond its limit", fromMeter(information(0, 0), `E6E700${"00".repeat(11)}`), "failed remote/too-large"],
    ["FRMR", fromMeter({ type: "FRMR", pollFinal: true }, "100011"), "failed remote/unexpected-apdu"],
    ["DM", fromMeter({ type: "DM", pollFinal: true }), "disconnected"],
  ];
  for (const [what, frame, end] of failures) {
    it(`ends the link on ${what}`, () => {
      const client = connectedClient({ maxApduLength: 10 });
      client.receive(frame);
      assert.deepEqual(told(events(client)), [end]);
      assert.throws(() => client.send(Uint8Array.of(1)), { name: "DlmsError", code: "local/illegal-state" });
    });
  }

  it("says that a meter refuses the link", () => {
    const client = new HdlcLink(CLIENT);
    client.connect();
    client.receive(fromMeter({ type: "DM", pollFinal: true }));
    assert.deepEqual(told(events(client)), ["failed remote/association-rejected"]);
  });

  it("proposes its parameters in the SNRM, and what the UA states holds", () => {
    const parameters = { maxInformationTransmit: 2030, maxInformationReceive: 2030 };
    const client = new HdlcLink({ ...CLIENT, parameters });
    client.connect();
    const [snrm] = sent(events(client));
    assert.equal(snrm?.slice(16, -6), "818014050207EE060207EE070400000001080400000001");
    const stated = { ...parameters, maxInformationReceive: 1000, windowTransmit: 1, windowReceive: 1 };
    client.receive(fromMeter({ type: "UA", pollFinal: true }, toHex(encodeHdlcParameters(stated))));
    const [connected] = events(client);
    assert.ok(connected?.type === "connected");
    assert.deepEqual(connected.negotiated, {
      maxInformationTransmit: 1000,
      maxInformationReceive: 2030,
      windowTransmit: 1,
      windowReceive: 1,
    });
  });

  it("asks a meter that answers DM to proposed parameters once more without them", () => {
    const client = new HdlcLink({ ...CLIENT, parameters: { maxInformationTransmit: 2030 } });
    const dm = fromMeter({ type: "DM", pollFinal: true });
    client.connect();
    assert.equal(sent(events(client)).length, 1);
    client.receive(dm);
    const again = sent(events(client));
    assert.deepEqual(again, ["7EA0070303938C117E"]);
    client.receive(UA);
    const [connected] = events(client);
    assert.ok(connected?.type === "connected");
    assert.equal(connected.negotiated.maxInformationTransmit, 128);

    const refused = new HdlcLink({ ...CLIENT, parameters: { maxInformationTransmit: 2030 } });
    refused.connect();
    refused.receive(dm);
    refused.receive(dm);
    assert.deepEqual(told(events(refused)), ["failed remote/association-rejected"]);
  });

  it("leaves out frames of other addresses and frames that only a client sends", () => {
    const client = connectedClient();
    const elsewhere = new HdlcLink({ ...CLIENT, clientAddress: 16 });
    elsewhere.connect();
    for (const frame of sent(events(elsewhere))) client.receive(fromHex(frame));
    client.receive(fromMeter({ type: "SNRM", pollFinal: true }));
    assert.deepEqual(told(events(client)), ["damaged address", "damaged control"]);
  });

  it("refuses calls out of order and options out of range", () => {
    const illegal = { name: "DlmsError", code: "local/illegal-state" };
    assert.throws(() => new HdlcLink(CLIENT).send(Uint8Array.of(1)), illegal);
    assert.throws(() => connectedClient().connect(), illegal);
    assert.throws(() => new HdlcLink(SERVER).connect(), illegal);
    const invalid = { name: "DlmsError", code: "local/invalid-value" };
    assert.throws(() => new HdlcLink({ ...CLIENT, clientAddress: 128 }), invalid);
    assert.throws(() => new HdlcLink({ ...SERVER, parameters: { maxInformationTransmit: 2036 } }), invalid);
  });
});

describe("HdlcLink as server", () => {
  /** What a server says to these frames of a client, and what it tells. */
  function served(options: Partial<HdlcServerOptions>, ...frames: Uint8Array[]): { sent: string[]; told: string[] } {
    const server = new HdlcLink({ ...SERVER, ...options });
    for (const frame of frames) server.receive(frame);
    const taken = events(server);
    return { sent: controls(sent(taken)), told: told(taken) };
  }
  const snrm = fromMeter({ type: "SNRM", pollFinal: true });
  const disc = fromMeter({ type: "DISC", pollFinal: true });

  it("answers DISC with UA when the link is up and everything with DM when it is down", () => {
    assert.deepEqual(served({}, snrm, disc, disc, fromMeter(ready(0)), fromMeter(information(0, 0), "E6E600C0")), {
      sent: ["73", "73", "1F", "1F", "1F"],
      told: ["connected", "disconnected"],
    });
  });

  it("answers a poll with RR when it has nothing, and keeps the turn while an answer is due", () => {
    const request = fromMeter(information(0, 0), "E6E600C0");
    assert.deepEqual(served({}, snrm, fromMeter(ready(0)), request, fromMeter(ready(0))), {
      sent: ["73", "11"],
      told: ["connected", "message C0"],
    });
  });

  it("repeats its answer when the client repeats its request", () => {
    const server = new HdlcLink(SERVER);
    const request = fromMeter(information(0, 0), "E6E600C0");
    server.receive(concatBytes(snrm, request));
    server.send(Uint8Array.of(0xc4));
    const [, answer] = sent(events(server));
    server.receive(request);
    const again = events(server);
    assert.deepEqual(sent(again), [answer]);
    assert.deepEqual(told(again), []);
  });

  it("starts anew with a client that sets the link up again", () => {
    const part = fromMeter(information(0, 0), "E6E600C0", true);
    const whole = fromMeter(information(0, 0), "E6E600C1");
    assert.deepEqual(served({}, snrm, part, snrm, whole).told, ["connected", "connected", "message C1"]);
  });

  it("leaves out frames to another address and says DM to what it cannot follow", () => {
    assert.deepEqual(served({ serverAddress: { upper: 2 } }, snrm), { sent: [], told: ["damaged address"] });
    assert.deepEqual(served({}, snrm, fromMeter(ready(5))), {
      sent: ["73", "1F"],
      told: ["connected", "failed remote/malformed"],
    });
  });
});
