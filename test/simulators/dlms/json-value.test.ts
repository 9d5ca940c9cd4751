import assert from "node:assert/strict";
import fc from "fast-check";
import { type CosemData, cosem } from "../../../src/dlms/data.ts";
import { fromHex } from "../../../src/lib/bytes.ts";
import { SimulatorError } from "../../../src/simulators/dlms/errors.ts";
import { fromJson, toJson } from "../../../src/simulators/dlms/json-value.ts";

const octets = fc.uint8Array({ maxLength: 20 });
const values = fc.letrec<{ value: CosemData }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(cosem.nullData()),
    fc.boolean().map(cosem.boolean),
    octets.map(cosem.octetString),
    octets.map((bytes) => cosem.bitString(bytes)),
    fc.integer({ min: -128, max: 127 }).map(cosem.integer),
    fc.integer({ min: 0, max: 65_535 }).map(cosem.longUnsigned),
    fc.integer({ min: -32_768, max: 32_767 }).map(cosem.long),
    fc.integer({ min: 0, max: 255 }).map(cosem.enum),
    fc.bigInt(0n, 2n ** 64n - 1n).map(cosem.long64Unsigned),
    fc.string().map(cosem.visibleString),
    fc.array(tie("value"), { maxLength: 3 }).map(cosem.array),
    fc.array(tie("value"), { maxLength: 3 }).map(cosem.structure),
  ),
})).value;

describe("COSEM data as JSON", () => {
  it("names octets in hexadecimal, bits as digits and enumerations as tools for meters do", () => {
    const value = cosem.structure([
      cosem.enum(1),
      cosem.bitString(fromHex("52"), 7),
      cosem.octetString(fromHex("0AFF")),
    ]);
    assert.deepEqual(toJson(value), {
      type: "structure",
      value: [
        { type: "enumerate", value: 1 },
        { type: "bit-string", value: "0101001" },
        { type: "octet-string", value: "0AFF" },
      ],
    });
  });

  it("gives back what it was made from", () => {
    fc.assert(
      fc.property(values, (value) => assert.deepEqual(fromJson(JSON.parse(JSON.stringify(toJson(value)))), value)),
    );
  });

  for (const wrong of [
    null,
    7,
    {},
    { type: "unsigned", value: 256 },
    { type: "long-integer", value: -40_000 },
    { type: "unsigned", value: 1.5 },
    { type: "octet-string", value: "ABC" },
    { type: "bit-string", value: "012" },
    { type: "boolean", value: "true" },
    { type: "constructor", value: 1 },
    { type: "array", value: [{ type: "null" }] },
  ]) {
    it(`refuses ${JSON.stringify(wrong)}`, () => {
      assert.throws(
        () => fromJson(wrong),
        (error) => error instanceof SimulatorError && error.code === "simulator/invalid-value",
      );
    });
  }
});
