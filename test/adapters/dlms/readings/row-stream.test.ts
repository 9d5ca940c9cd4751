import assert from "node:assert/strict";
import fc from "fast-check";
import { MAX_ROW_OCTETS, RowStream } from "../../../../src/adapters/dlms/readings/row-stream.ts";
import { asElements, type CosemData, cosem, type TypeDescription } from "../../../../src/dlms/data.ts";
import { decodeData, encodeData } from "../../../../src/dlms/data-codec.ts";
import { fromHex } from "../../../../src/lib/bytes.ts";
import { cosemData } from "../../../dlms/arbitraries.ts";

/** Cuts octets at the given places, in parts that may be empty. */
function cut(octets: Uint8Array, places: readonly number[]): Uint8Array[] {
  const sorted = [0, ...places.map((place) => place % (octets.length + 1)).sort((a, b) => a - b), octets.length];
  return sorted.slice(1).map((end, i) => octets.subarray(sorted[i], end));
}

function rowsOf(blocks: readonly Uint8Array[]): CosemData[] {
  const stream = new RowStream();
  return [...blocks.flatMap((block) => stream.push(block)), ...stream.finish()];
}

const places = fc.array(fc.nat(), { maxLength: 20 });

const ENTRY: TypeDescription = {
  type: "structure",
  elements: [
    { type: "octet-string" },
    { type: "unsigned" },
    { type: "array", count: 2, element: { type: "long64-unsigned" } },
    { type: "bit-string" },
  ],
};
const compactRow = fc
  .tuple(fc.uint8Array({ maxLength: 14 }), fc.nat(255), fc.bigInt(0n, 2n ** 64n - 1n), fc.nat(255))
  .map(([text, status, value, bits]) =>
    cosem.structure([
      cosem.octetString(Uint8Array.from(text)),
      cosem.unsigned(status),
      cosem.array([cosem.long64Unsigned(value), cosem.long64Unsigned(0n)]),
      cosem.bitString(Uint8Array.of(bits)),
    ]),
  );

function refuses(octets: Uint8Array, code: string) {
  for (const blocks of [[octets], [...octets].map((octet) => Uint8Array.of(octet))]) {
    assert.throws(() => rowsOf(blocks), { code });
  }
}

describe("a profile's buffer that comes in blocks", () => {
  it("gives the same entries however it is cut", () => {
    fc.assert(
      fc.property(fc.array(cosemData, { maxLength: 12 }), places, (rows, at) => {
        const buffer = encodeData(cosem.array(rows));
        const whole = asElements(decodeData(buffer));
        assert.deepEqual(rowsOf(cut(buffer, at)), whole);
      }),
    );
  });

  it("gives the entries of a compact-array however it is cut", () => {
    fc.assert(
      fc.property(fc.array(compactRow, { maxLength: 12 }), places, (rows, at) => {
        const buffer = encodeData({ type: "compact-array", description: ENTRY, value: rows });
        assert.deepEqual(rowsOf(cut(buffer, at)), rows);
      }),
    );
  });

  it("gives each entry with the block that completes it, and holds no earlier one", () => {
    const rows = Array.from({ length: 1000 }, (_, i) =>
      cosem.structure([cosem.doubleLongUnsigned(i), cosem.unsigned(7)]),
    );
    const octets = encodeData(cosem.array(rows));
    const stream = new RowStream();
    let given = 0;
    for (let at = 0; at < octets.length; at += 40) {
      const [before, now] = [given, stream.push(octets.subarray(at, at + 40))];
      given += now.length;
      // Nine octets an entry: of what came, less than two entries' worth may be waiting.
      assert.ok(given * 9 + 4 > at + 40 - 2 * 9 || given === rows.length, `${before} to ${given} at ${at}`);
    }
    assert.deepEqual([given, stream.finish()], [1000, []]);
  });

  it("is empty when it is null-data or has no entry", () => {
    assert.deepEqual(rowsOf([fromHex("00")]), []);
    assert.deepEqual(rowsOf([fromHex("01"), fromHex("00")]), []);
    assert.deepEqual(rowsOf([fromHex("131100")]), []);
  });

  it("is refused when it is cut short, goes on behind its end, or is none", () => {
    refuses(new Uint8Array(), "remote/truncated");
    refuses(fromHex("0102020111050201"), "remote/truncated");
    refuses(fromHex("1312030001"), "remote/truncated");
    refuses(fromHex("01010201110500"), "remote/malformed");
    refuses(fromHex("0000"), "remote/malformed");
    refuses(fromHex("13120300010203"), "remote/malformed");
    refuses(fromHex("13000100"), "remote/malformed");
    refuses(fromHex("0101ee"), "remote/malformed");
    refuses(fromHex("1105"), "remote/unexpected-type");
    refuses(fromHex(`0101${"0201".repeat(70)}00`), "remote/too-large");
  });

  it("is refused when an entry has no end, before it takes memory", () => {
    const stream = new RowStream();
    stream.push(fromHex("01010984ffffffff"));
    assert.throws(
      () => {
        for (let i = 0; i < MAX_ROW_OCTETS / 64; i++) stream.push(new Uint8Array(128));
      },
      { code: "remote/too-large" },
    );
  });
});
