import assert from "node:assert/strict";
import fc from "fast-check";
import { DlmsError, encodeWrapperFrame, WrapperDecoder, type WrapperFrame } from "../../src/dlms/index.ts";
import { concatBytes, fromHex, toHex } from "../../src/lib/bytes.ts";
import { plain } from "./plain.ts";

const wports = fc.integer({ min: 0, max: 0xffff });
const frames: fc.Arbitrary<WrapperFrame> = fc.record({
  source: wports,
  destination: wports,
  apdu: fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom(127, 128, 255, 256, 65535).map((length) => new Uint8Array(length).fill(0xa5)),
  ),
});

/** Cuts octets at the given places. */
function cut(octets: Uint8Array, at: readonly number[]): Uint8Array[] {
  const places = [0, ...at.map((place) => place % (octets.length + 1)).sort((a, b) => a - b), octets.length];
  return places.slice(1).map((end, i) => octets.subarray(places[i], end));
}

function hasCode(code: string): (error: unknown) => boolean {
  return (error) => error instanceof DlmsError && error.code === code;
}

describe("TCP wrapper", () => {
  it("puts version, wPorts and length before the APDU, high octet first", () => {
    const frame = encodeWrapperFrame({ source: 16, destination: 0x0102, apdu: fromHex("C001") });
    assert.equal(toHex(frame), "0001001001020002C001");
  });

  it("delivers the same frames however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(frames, { maxLength: 5 }), fc.array(fc.nat(), { maxLength: 12 }), (sent, at) => {
        const decoder = new WrapperDecoder();
        const received: WrapperFrame[] = [];
        for (const part of cut(concatBytes(...sent.map(encodeWrapperFrame)), at)) received.push(...decoder.push(part));
        assert.deepEqual(received.map(plain), sent.map(plain));
      }),
    );
  });

  it("delivers a frame octet by octet, and keeps it when the input changes afterwards", () => {
    const decoder = new WrapperDecoder();
    const octets = encodeWrapperFrame({ source: 1, destination: 2, apdu: fromHex("0F0102") });
    const received: WrapperFrame[] = [];
    for (const octet of octets) {
      const input = Buffer.from([octet]);
      received.push(...decoder.push(input));
      input.fill(0xff);
    }
    assert.deepEqual(received.map(plain), [{ source: 1, destination: 2, apdu: "hex:0F0102" }]);
  });

  it("delivers what came before a frame of another version, then refuses the stream", () => {
    const decoder = new WrapperDecoder();
    const good = encodeWrapperFrame({ source: 1, destination: 1, apdu: fromHex("C0") });
    const received: WrapperFrame[] = [];
    assert.throws(() => {
      for (const frame of decoder.push(concatBytes(good, fromHex("0002000100010001")))) received.push(frame);
    }, hasCode("remote/malformed"));
    assert.equal(received.length, 1);
  });

  it("refuses a longer APDU than it was told to take as soon as the header is there", () => {
    const decoder = new WrapperDecoder(100);
    assert.deepEqual([...decoder.push(fromHex("0001000100010064"))], []);
    assert.throws(() => [...new WrapperDecoder(100).push(fromHex("0001000100010065"))], hasCode("remote/too-large"));
  });

  it("refuses to encode what its fields do not hold", () => {
    const apdu = new Uint8Array(65536);
    assert.throws(() => encodeWrapperFrame({ source: 1, destination: 1, apdu }), hasCode("local/invalid-value"));
    assert.throws(
      () => encodeWrapperFrame({ source: 65536, destination: 1, apdu: apdu.subarray(1) }),
      hasCode("local/invalid-value"),
    );
  });
});
