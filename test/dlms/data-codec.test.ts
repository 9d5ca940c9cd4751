import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type CosemData,
  cosem,
  DlmsError,
  type DlmsErrorCode,
  decodeData,
  encodeData,
  MAX_DATA_DEPTH,
} from "../../src/dlms/index.ts";
import { concatBytes, fromHex, toHex } from "../../src/lib/bytes.ts";
import { BORDER_LENGTHS, cosemData } from "./arbitraries.ts";

function code(of: () => unknown): DlmsErrorCode | undefined {
  try {
    of();
    return undefined;
  } catch (error) {
    assert.ok(error instanceof DlmsError, String(error));
    return error.code;
  }
}

const decodeHex = (hex: string) => decodeData(fromHex(hex));

describe("data codec", () => {
  it("decodes what it encodes", () => {
    fc.assert(
      fc.property(cosemData, (data) => assert.deepEqual(decodeData(encodeData(data)), data)),
      { numRuns: 1000 },
    );
  });

  it("says that a value is truncated wherever it is cut", () => {
    fc.assert(
      fc.property(cosemData, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (data, part) => {
        const bytes = encodeData(data);
        assert.equal(
          code(() => decodeData(bytes.subarray(0, Math.floor(bytes.length * part)))),
          "remote/truncated",
        );
      }),
      { numRuns: 1000 },
    );
  });

  it("makes a value or a remote error of any octets", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        assert.match(code(() => decodeData(bytes)) ?? "remote/", /^remote\//);
      }),
      { numRuns: 2500 },
    );
  });

  it("makes a value or a remote error of a value with a changed octet", () => {
    fc.assert(
      fc.property(cosemData, fc.nat(), fc.integer({ min: 1, max: 255 }), (data, at, change) => {
        const bytes = encodeData(data);
        bytes[at % bytes.length]! ^= change;
        assert.match(code(() => decodeData(bytes)) ?? "remote/", /^remote\//);
      }),
      { numRuns: 2500 },
    );
  });

  for (const length of BORDER_LENGTHS) {
    it(`carries strings, bit-strings and arrays of ${length}`, () => {
      const values: CosemData[] = [
        cosem.octetString(new Uint8Array(length).fill(7)),
        cosem.visibleString("v".repeat(length)),
        cosem.utf8String("u".repeat(length)),
        cosem.bitString(new Uint8Array(Math.ceil(length / 8)), length),
        cosem.array(new Array(length).fill(cosem.nullData())),
        {
          type: "compact-array",
          description: { type: "unsigned" },
          value: new Array(length).fill(cosem.unsigned(1)),
        },
      ];
      for (const value of values) assert.deepEqual(decodeData(encodeData(value)), value);
    });
  }

  it("writes the shortest length and reads longer ones", () => {
    assert.equal(toHex(encodeData(cosem.octetString(new Uint8Array(127)))).slice(0, 4), "097F");
    assert.equal(toHex(encodeData(cosem.octetString(new Uint8Array(128)))).slice(0, 6), "098180");
    assert.equal(toHex(encodeData(cosem.octetString(new Uint8Array(256)))).slice(0, 8), "09820100");
    for (const length of ["01", "8101", "820001", "83000001", "8400000001"]) {
      assert.deepEqual(decodeHex(`09 ${length} AA`), cosem.octetString(Uint8Array.of(0xaa)));
    }
    assert.equal(
      code(() => decodeHex("09 80 AA")),
      "remote/malformed",
    );
    assert.equal(
      code(() => decodeHex("09 85 00 00 00 00 01 AA")),
      "remote/malformed",
    );
  });

  it("takes any octet but 0 for true", () => {
    assert.deepEqual(decodeHex("03 FF"), cosem.boolean(true));
    assert.deepEqual(decodeHex("03 00"), cosem.boolean(false));
  });

  it("refuses tags that no type has, octets that are not UTF-8, and octets behind the value", () => {
    assert.throws(() => decodeHex("02 02 11 01 07"), { code: "remote/malformed", context: { offset: 4 } });
    assert.throws(() => decodeHex("0C 02 C3 28"), { code: "remote/malformed", context: { offset: 2 } });
    assert.throws(() => decodeHex("11 01 00"), { code: "remote/malformed", context: { offset: 2 } });
  });

  it("does not encode a value that does not fit its type", () => {
    const unfit: CosemData[] = [
      cosem.integer(128),
      cosem.integer(-129),
      cosem.unsigned(-1),
      cosem.unsigned(256),
      cosem.long(32_768),
      cosem.longUnsigned(65_536),
      cosem.doubleLong(2 ** 31),
      cosem.doubleLongUnsigned(2 ** 32),
      cosem.doubleLongUnsigned(0.5),
      cosem.doubleLongUnsigned(Number.NaN),
      cosem.enum(256),
      cosem.bcd(256),
      cosem.long64(2n ** 63n),
      cosem.long64Unsigned(-1n),
      cosem.long64(1 as unknown as bigint),
      cosem.float32(1e39),
      cosem.visibleString("€"),
      cosem.utf8String("\ud800"),
      cosem.bitString(new Uint8Array(1), 9),
      cosem.bitString(new Uint8Array(2), 8),
      { type: "date-time", value: new Uint8Array(11) },
      { type: "date", value: new Uint8Array(4) },
      { type: "time", value: new Uint8Array(5) },
      { type: "nonsense" } as unknown as CosemData,
    ];
    for (const data of unfit) {
      assert.equal(
        code(() => encodeData(data)),
        "local/invalid-value",
        `${data.type}`,
      );
    }
  });

  it("hands out views of the input", () => {
    const bytes = fromHex("0902AABB");
    const data = decodeData(bytes);
    assert.ok(data.type === "octet-string");
    assert.equal(data.value.buffer, bytes.buffer);
  });
});

describe("data codec and hostile input", () => {
  it("stops at 10,000 nested structures without running out of stack", () => {
    const nested = concatBytes(...new Array<Uint8Array>(10_000).fill(fromHex("0201")), fromHex("00"));
    assert.equal(
      code(() => decodeData(nested)),
      "remote/too-large",
    );
    let data = cosem.nullData();
    for (let i = 0; i < 10_000; i++) data = cosem.structure([data]);
    assert.equal(
      code(() => encodeData(data)),
      "local/invalid-value",
    );
  });

  it("stops at 10,000 nested type descriptions", () => {
    const nested = concatBytes(fromHex("13"), ...new Array<Uint8Array>(10_000).fill(fromHex("0201")), fromHex("0000"));
    assert.equal(
      code(() => decodeData(nested)),
      "remote/too-large",
    );
  });

  it(`nests ${MAX_DATA_DEPTH} levels`, () => {
    let data = cosem.nullData();
    for (let i = 0; i < MAX_DATA_DEPTH; i++) data = cosem.array([data]);
    assert.deepEqual(decodeData(encodeData(data)), data);
    assert.equal(
      code(() => encodeData(cosem.array([data]))),
      "local/invalid-value",
    );
  });

  it("allocates nothing for elements and octets that are not there", () => {
    for (const hex of [
      "01 84 FF FF FF FF 00",
      "02 84 7F FF FF FF",
      "09 84 FF FF FF FF 00",
      "04 84 FF FF FF FF",
      "0A 83 FF FF FF",
    ]) {
      assert.equal(
        code(() => decodeHex(hex)),
        "remote/truncated",
        hex,
      );
    }
  });

  it("bounds the elements of a compact-array that take no octets", () => {
    // array(65535) of array(65535) of null-data, then an unsigned: one octet of contents, 2^32 elements.
    assert.equal(
      code(() => decodeHex("13 02 02 01 FF FF 01 FF FF 00 11 01 00")),
      "remote/too-large",
    );
    // The same with empty structures, and with arrays of none.
    assert.equal(
      code(() => decodeHex("13 02 02 01 FF FF 02 00 11 01 00")),
      "remote/too-large",
    );
    assert.equal(
      code(() => decodeHex("13 02 02 01 FF FF 01 00 00 11 11 01 00")),
      "remote/too-large",
    );
    // null-data elements only: they would never use up the contents.
    assert.equal(
      code(() => decodeHex("13 00 01 00")),
      "remote/malformed",
    );
    assert.equal(
      code(() => encodeData({ type: "compact-array", description: { type: "null-data" }, value: [cosem.nullData()] })),
      "local/invalid-value",
    );
    assert.deepEqual(decodeHex("13 00 00"), { type: "compact-array", description: { type: "null-data" }, value: [] });
  });

  it("refuses a compact-array whose last element overruns the contents", () => {
    assert.equal(
      code(() => decodeHex("13 12 03 11 11 22 22")),
      "remote/malformed",
    );
    assert.equal(
      code(() => decodeHex("13 13 00")),
      "remote/malformed",
    );
  });

  it("does not encode a compact-array whose elements differ from the description", () => {
    const description = { type: "array", count: 2, element: { type: "unsigned" } } as const;
    const compact = (value: CosemData): CosemData => ({ type: "compact-array", description, value: [value] });
    for (const value of [
      cosem.unsigned(1),
      cosem.array([cosem.unsigned(1)]),
      cosem.array([cosem.long(1), cosem.long(1)]),
    ]) {
      assert.equal(
        code(() => encodeData(compact(value))),
        "local/invalid-value",
      );
    }
    assert.equal(toHex(encodeData(compact(cosem.array([cosem.unsigned(1), cosem.unsigned(2)])))), "1301000211020102");
  });
});
