import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import fc from "fast-check";
import { listenForPushes, PushStream } from "../../../../src/adapters/dlms/pushes/listener.ts";
import { concatBytes, fromHex, toHex } from "../../../../src/lib/bytes.ts";
import { ManualClock } from "../../../../src/lib/clock.ts";

const WITH_LENGTH = fromHex(
  "000100670066002ac2090c07e70706040a362600ff888000018080808080000209104b413650303035303339303231313130",
);
const DSMR4 = concatBytes(new Uint8Array(Buffer.from("EXXXX123456789012,", "ascii")), fromHex("00000001"));

/** A listener on a free port whose messages can be waited for. */
async function listening() {
  const received: string[] = [];
  let arrived = () => {};
  const clock = new ManualClock(0);
  const port = await listenForPushes("127.0.0.1", 0, clock, (message, transport) => {
    received.push(`${transport} ${toHex(message)}`);
    arrived();
  });
  const count = async (wanted: number) => {
    while (received.length < wanted) await new Promise<void>((resolve) => (arrived = resolve));
  };
  return { port, received, count, clock };
}

describe("the listener for pushes", () => {
  it("delivers the same messages however TCP cuts the stream", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3 * WITH_LENGTH.length)), (cuts) => {
        const messages: string[] = [];
        const stream = new PushStream(new ManualClock(0), (message) => messages.push(toHex(message)));
        const octets = concatBytes(WITH_LENGTH, WITH_LENGTH, WITH_LENGTH);
        const places = [0, ...cuts.sort((a, b) => a - b), octets.length];
        for (let i = 1; i < places.length; i++) assert.ok(stream.data(octets.subarray(places[i - 1], places[i])));
        stream.end();
        assert.deepEqual(messages, Array(3).fill(toHex(WITH_LENGTH)));
      }),
    );
  });

  it("takes a message without a length when its sender pauses", () => {
    const clock = new ManualClock(0);
    const messages: string[] = [];
    const stream = new PushStream(clock, (message) => messages.push(toHex(message)));
    stream.data(DSMR4);
    assert.deepEqual(messages, []);
    clock.advance(1_000);
    assert.deepEqual(messages, [toHex(DSMR4)]);
  });

  it("closes a stream that announces more than any push has", () => {
    const stream = new PushStream(new ManualClock(0), () => assert.fail("delivered"));
    assert.equal(stream.data(fromHex("000100010040FFFF0F")), false);
  });

  it("takes messages over TCP and UDP on one port", async () => {
    const { port, received, count } = await listening();
    const tcp = connect(port.port, "127.0.0.1");
    tcp.end(DSMR4);
    await count(1);
    const udp = createSocket("udp4");
    udp.send(WITH_LENGTH, port.port, "127.0.0.1");
    await count(2);
    udp.close();
    assert.deepEqual(received, [`tcp ${toHex(DSMR4)}`, `udp ${toHex(WITH_LENGTH)}`]);
    await port.close();
  });

  it("reads no more than its share of a flooding address, and goes on later, whatever the wall clock does", async () => {
    const { port, received, count, clock } = await listening();
    const flood = connect(port.port, "127.0.0.1");
    flood.end(concatBytes(...Array<Uint8Array>(500).fill(WITH_LENGTH)));
    flood.resume();
    await once(flood, "close");
    assert.equal(received.length, 120);
    clock.step(-3_600_000);
    clock.advance(60_000);
    connect(port.port, "127.0.0.1").end(WITH_LENGTH);
    await count(121);
    await port.close();
  });

  it("closes connections beyond the limit of one address", async () => {
    const { port } = await listening();
    const open = Array.from({ length: 17 }, () => connect(port.port, "127.0.0.1"));
    await Promise.race(open.map((socket) => once(socket, "close")));
    for (const socket of open) socket.destroy();
    await port.close();
  });
});
