import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { DlmsError } from "../../src/dlms/errors.ts";
import {
  decodeServerAddress,
  encodeClientAddress,
  encodeServerAddress,
  type HdlcServerAddress,
} from "../../src/dlms/hdlc-address.ts";
import { hdlcCrc } from "../../src/dlms/hdlc-crc.ts";
import { type HdlcDecoded, HdlcDecoder } from "../../src/dlms/hdlc-decoder.ts";
import {
  decodeHdlcControl,
  encodeHdlcControl,
  encodeHdlcFrame,
  type HdlcFrame,
  MAX_HDLC_INFORMATION_LENGTH,
} from "../../src/dlms/hdlc-frame.ts";
import { decodeHdlcParameters, encodeHdlcParameters } from "../../src/dlms/hdlc-parameters.ts";
import { concatBytes, fromHex, toHex } from "../../src/lib/bytes.ts";

const SNRM = "7EA0070303938C117E";
const UA = "7EA01E030373 40CC 818012 050180 060180 070400000001 080400000001 533B 7E";

function decode(...pieces: Uint8Array[]): HdlcDecoded[] {
  const decoder = new HdlcDecoder();
  return pieces.flatMap((piece) => decoder.push(piece));
}

/** The frames among what was decoded, as their octets. */
function frames(decoded: HdlcDecoded[]): string[] {
  return decoded.flatMap((item) => (item.type === "frame" ? [toHex(encodeHdlcFrame(item.frame))] : []));
}

function damage(decoded: HdlcDecoded[]): string[] {
  return decoded.flatMap((item) => (item.type === "damaged" ? [item.reason] : []));
}

const address = fc.oneof(
  fc.integer({ min: 0, max: 0x7f }).map((upper) => encodeServerAddress({ upper })),
  fc.record({ upper: fc.nat(0x3fff), lower: fc.nat(0x3fff) }).map(encodeServerAddress),
);
const control = fc
  .nat(0xff)
  .map(decodeHdlcControl)
  .filter((decoded) => decoded !== undefined);
const frame: fc.Arbitrary<HdlcFrame> = fc.record({
  destination: address,
  source: fc.integer({ min: 1, max: 0x7f }).map(encodeClientAddress),
  control,
  segmented: fc.boolean(),
  information: fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ maxLength: 40 }) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 2000, maxLength: MAX_HDLC_INFORMATION_LENGTH }) },
  ),
});

describe("HDLC frames", () => {
  it("computes the check value of CRC-16/X.25", () => {
    assert.equal(hdlcCrc(new TextEncoder().encode("123456789")), 0x906e);
  });

  it("decodes each recorded frame and encodes it to the same octets", () => {
    const text = readFileSync(new URL("../vectors/dlms-traces/hdlc-hls5.hex", import.meta.url), "utf8");
    const lines = text.split("\n").filter((line) => line !== "");
    assert.ok(lines.length > 80);
    for (const line of lines) {
      const recorded = fromHex(line.slice("C->M ".length));
      assert.deepEqual(frames(decode(recorded)), [toHex(recorded)]);
    }
  });

  it("reads the parameters of a recorded UA frame and writes them back", () => {
    const [decoded] = decode(fromHex(UA));
    assert.ok(decoded?.type === "frame");
    assert.deepEqual(decoded.frame.control, { type: "UA", pollFinal: true });
    const parameters = decodeHdlcParameters(decoded.frame.information);
    assert.deepEqual(parameters, {
      maxInformationTransmit: 128,
      maxInformationReceive: 128,
      windowTransmit: 1,
      windowReceive: 1,
    });
    assert.equal(toHex(encodeHdlcParameters(parameters)), toHex(decoded.frame.information));
  });

  it("reads parameters of two octets, skips unknown ones and takes defaults for absent ones", () => {
    assert.deepEqual(decodeHdlcParameters(fromHex("81800A 050207EE 0901FF 080107")), {
      maxInformationTransmit: 2030,
      maxInformationReceive: 128,
      windowTransmit: 1,
      windowReceive: 7,
    });
  });

  it("refuses parameters that are 0, cut off or of another format", () => {
    for (const octets of ["818003050100", "8180030502", "8180", "82800405020001", "81810405020001"]) {
      assert.throws(() => decodeHdlcParameters(fromHex(octets)), {
        name: "DlmsError",
        code: /^remote\/(malformed|truncated)$/,
      });
    }
  });

  it("gives each control octet that has a meaning back as it was", () => {
    let known = 0;
    for (let octet = 0; octet <= 0xff; octet++) {
      const decoded = decodeHdlcControl(octet);
      if (decoded === undefined) continue;
      known++;
      assert.equal(encodeHdlcControl(decoded), octet);
    }
    assert.equal(known, 128 + 3 * 16 + 6 * 2);
  });

  it("writes server addresses of 1, 2 and 4 octets", () => {
    const addresses: readonly (readonly [HdlcServerAddress, string])[] = [
      [{ upper: 1 }, "03"],
      [{ upper: 127 }, "FF"],
      [{ upper: 127, lower: 0 }, "FE01"],
      [{ upper: 1, lower: 17 }, "0223"],
      [{ upper: 1, lower: 17, octets: 4 }, "00020023"],
      // Two octets would be logical device 1 and physical device 72.
      [{ upper: 200, lower: 0 }, "02900001"],
      [{ upper: 1, lower: 200 }, "00020291"],
      [{ upper: 0x1234, lower: 0x3fff }, "4868FEFF"],
    ];
    for (const [address, hex] of addresses) {
      assert.equal(toHex(encodeServerAddress(address)), hex);
      assert.deepEqual(decodeServerAddress(fromHex(hex)), address);
    }
    assert.equal(toHex(encodeServerAddress({ upper: 200 })), "02900001");
  });

  it("gives each server address back as it was, whatever its length", () => {
    const part = fc.nat(0x3fff);
    const small = fc.nat(0x7f);
    const octets = fc.constantFrom<(1 | 2 | 4)[]>(1, 2, 4);
    fc.assert(
      fc.property(
        fc.oneof(part, small),
        fc.option(fc.oneof(part, small), { nil: undefined }),
        octets,
        (u, l, length) => {
          const address = { upper: u, ...(l !== undefined && { lower: l }), octets: length };
          let encoded: Uint8Array;
          try {
            encoded = encodeServerAddress(address);
          } catch (error) {
            const fits = length === 4 || (u <= 0x7f && (l ?? 0) <= 0x7f && (length === 2 || l === undefined));
            assert.ok(!fits && error instanceof DlmsError && error.code === "local/invalid-value");
            return;
          }
          const decoded = decodeServerAddress(encoded);
          assert.deepEqual([decoded.upper, decoded.lower ?? 0], [u, l ?? 0]);
          assert.equal(encoded.length, length);
          assert.deepEqual(encodeServerAddress(decoded), encoded);
        },
      ),
    );
  });

  it("refuses addresses and information that a frame does not hold", () => {
    const refused = { name: "DlmsError", code: "local/invalid-value" };
    assert.throws(() => encodeServerAddress({ upper: 0x4000 }), refused);
    assert.throws(() => encodeClientAddress(0), refused);
    const information = new Uint8Array(2040);
    const tooLong = { ...sample, information };
    assert.throws(() => encodeHdlcFrame(tooLong), refused);
  });
});

const sample: HdlcFrame = {
  destination: Uint8Array.of(0x03),
  source: Uint8Array.of(0x21),
  control: { type: "UI", pollFinal: true },
  segmented: false,
  information: Uint8Array.of(1, 2, 0x7e, 0x7e, 0xa0, 3),
};

describe("HdlcDecoder", () => {
  it("finds the same frames however the stream is cut", () => {
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 5 }), fc.array(fc.nat(5000)), (sent, cuts) => {
        const encoded = sent.map(encodeHdlcFrame);
        const pieces = cut(concatBytes(...encoded), cuts);
        assert.deepEqual(frames(decode(...pieces)), encoded.map(toHex));
      }),
    );
  });

  it("takes one flag between two frames, many flags, and octets before the first flag", () => {
    const snrm = SNRM.slice(2, -2);
    const stream = fromHex(`00FF7E${snrm}7E${snrm}7E7E7E7E${snrm}7E`);
    for (let length = 1; length < stream.length; length++) {
      const decoded = decode(...cut(stream, [length]));
      assert.deepEqual(frames(decoded), [SNRM, SNRM, SNRM]);
      assert.deepEqual(damage(decoded), []);
    }
  });

  const whole = encodeHdlcFrame(sample);
  const changed = (at: number, octet: number) => whole.with(at, octet);
  const cases: [string, Uint8Array, string][] = [
    ["another format type", changed(1, 0x90), "format"],
    ["a length below that of its fields", changed(2, 8), "length"],
    ["an address of three octets", fromHex("7EA00A020203030F00007E"), "address"],
    ["an address without end", fromHex("7EA00A02020202030F00007E"), "address"],
    ["a changed control octet", changed(5, 0x10), "header-check"],
    ["a changed length", changed(2, 0xff), "header-check"],
    ["a changed octet of information", changed(9, 0), "frame-check"],
    ["no flag at its end", changed(whole.length - 1, 0), "length"],
  ];
  for (const [what, octets, reason] of cases) {
    it(`tells of a frame with ${what} and finds the next one`, () => {
      const decoded = decode(octets, fromHex(SNRM));
      assert.deepEqual(damage(decoded), [reason]);
      assert.deepEqual(frames(decoded), [SNRM]);
    });
  }

  it("tells of a control octet without meaning", () => {
    const octets = Uint8Array.of(0xa0, 0x07, 0x03, 0x03, 0xff);
    const crc = hdlcCrc(octets);
    const decoded = decode(concatBytes(fromHex("7E"), octets, Uint8Array.of(crc, crc >> 8), fromHex(SNRM)));
    assert.deepEqual(damage(decoded), ["control"]);
    assert.deepEqual(frames(decoded), [SNRM]);
  });

  it("finds the frame behind one that lost octets", () => {
    for (let lost = 1; lost < whole.length - 1; lost++) {
      const decoded = decode(whole.subarray(0, whole.length - 1 - lost), whole, fromHex(SNRM));
      assert.deepEqual(frames(decoded), [toHex(whole), SNRM]);
    }
  });

  it("keeps less than one frame of a stream that is none", () => {
    const header = Uint8Array.of(0xa7, 0xff, 0x03, 0x03, 0x13);
    const crc = hdlcCrc(header);
    const endless = concatBytes(fromHex("7E"), header, Uint8Array.of(crc, crc >> 8), new Uint8Array(2100));
    const decoder = new HdlcDecoder();
    assert.deepEqual(damage(decoder.push(endless.subarray(0, 2048))), []);
    assert.deepEqual(damage(decoder.push(endless.subarray(2048))), ["length"]);
    assert.deepEqual(frames(decoder.push(fromHex(SNRM))), [SNRM]);
  });
});

function cut(octets: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const at = [0, ...cuts.map((n) => n % (octets.length + 1)).sort((a, b) => a - b), octets.length];
  return at.slice(1).map((end, i) => octets.slice(at[i], end));
}
