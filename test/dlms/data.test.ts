import assert from "node:assert/strict";
import {
  asBigInt,
  asBitString,
  asBoolean,
  asElements,
  asLogicalName,
  asNumber,
  asOctets,
  asStructure,
  asText,
  type CosemData,
  cosem,
  isBitSet,
} from "../../src/dlms/index.ts";
import { parseObis } from "../../src/lib/obis.ts";

const octets = Uint8Array.of(1, 2, 3);

describe("readers of COSEM data", () => {
  it("take numbers of every type", () => {
    const numbers = [cosem.integer, cosem.long, cosem.doubleLong, cosem.unsigned, cosem.longUnsigned, cosem.enum];
    for (const make of [...numbers, cosem.doubleLongUnsigned, cosem.bcd, cosem.float32, cosem.float64]) {
      assert.equal(asNumber(make(5)), 5);
    }
    assert.equal(asNumber(cosem.long64(-5n)), -5);
    assert.equal(asBigInt(cosem.long64Unsigned(2n ** 64n - 1n)), 2n ** 64n - 1n);
    assert.equal(asBigInt(cosem.unsigned(7)), 7n);
  });

  it("refuse a number that would lose digits", () => {
    assert.equal(asNumber(cosem.long64(2n ** 53n - 1n)), 2 ** 53 - 1);
    assert.throws(() => asNumber(cosem.long64(2n ** 53n)), { code: "remote/unexpected-type" });
    assert.throws(() => asBigInt(cosem.float64(0.5)), { code: "remote/unexpected-type" });
  });

  it("take octets, dates and text in the types that meters send them in", () => {
    assert.equal(asOctets(cosem.octetString(octets)), octets);
    assert.equal(asOctets({ type: "time", value: octets }), octets);
    const text: CosemData[] = [cosem.visibleString("E1"), cosem.utf8String("E1"), cosem.octetString(Buffer.from("E1"))];
    for (const data of text) assert.equal(asText(data), "E1");
  });

  it("take elements of arrays and structures, and structures of one size as a tuple", () => {
    const pair = [cosem.unsigned(1), cosem.boolean(true)];
    assert.deepEqual(asElements(cosem.array(pair)), pair);
    const [first, second] = asStructure(cosem.structure(pair), 2);
    assert.equal(asNumber(first), 1);
    assert.equal(asBoolean(second), true);
  });

  it("take logical names and bits", () => {
    const clock = parseObis("0.0.1.0.0.255");
    assert.equal(asLogicalName(cosem.logicalName(clock)), clock);
    const bits = asBitString(cosem.bitString(Uint8Array.of(0x52, 0x20), 12));
    assert.deepEqual(
      [...new Array(20).keys()].filter((index) => isBitSet(bits, index)),
      [1, 3, 6, 10],
    );
  });

  it("name what was expected and what was found", () => {
    assert.throws(() => asNumber(cosem.octetString(octets), "register value"), {
      name: "DlmsError",
      code: "remote/unexpected-type",
      message: "register value: expected a number, found octet-string",
      context: { what: "register value", expected: "a number", found: "octet-string" },
    });
    assert.throws(() => asStructure(cosem.structure([]), 2, "scaler_unit"), {
      message: "scaler_unit: expected structure of 2 elements, found structure of 0",
    });
    const readers = [asBigInt, asBoolean, asOctets, asText, asElements, asLogicalName, asBitString];
    for (const read of readers) assert.throws(() => read(cosem.nullData()), { code: "remote/unexpected-type" });
    assert.throws(() => asStructure(cosem.array([]), 0), { code: "remote/unexpected-type" });
    assert.throws(() => asLogicalName(cosem.octetString(octets)), { code: "remote/unexpected-type" });
  });
});
