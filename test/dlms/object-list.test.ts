import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  attributeAccessMode,
  type CosemData,
  cosem,
  decodeApdu,
  decodeData,
  decodeObjectList,
  methodAccessMode,
} from "../../src/dlms/index.ts";
import { concatBytes, fromHex } from "../../src/lib/bytes.ts";
import { parseObis } from "../../src/lib/obis.ts";

const clock = parseObis("0.0.1.0.0.255");
const association = parseObis("0.0.40.0.0.255");

/** An object list with the association itself, of this version, and a clock with these access modes. */
function listOf(version: number, attributeMode: CosemData, methodMode: CosemData): CosemData {
  const selectors = cosem.array([cosem.integer(1)]);
  const element = (
    classId: number,
    ofClass: number,
    name: typeof clock,
    attributes: CosemData[],
    methods: CosemData[],
  ) =>
    cosem.structure([
      cosem.longUnsigned(classId),
      cosem.unsigned(ofClass),
      cosem.logicalName(name),
      cosem.structure([cosem.array(attributes), cosem.array(methods)]),
    ]);
  return cosem.array([
    element(
      8,
      0,
      clock,
      [cosem.structure([cosem.integer(2), attributeMode, selectors])],
      [cosem.structure([cosem.integer(1), methodMode])],
    ),
    element(15, version, association, [], []),
  ]);
}

const flags = (access: { request: object; response: object }) =>
  [access.request, access.response].map((protection) =>
    Object.entries(protection)
      .filter(([, isSet]) => isSet)
      .map(([name]) => name),
  );

describe("object list of an association", () => {
  const ENUMERATED = [
    [0, false, false, false],
    [1, true, false, false],
    [2, false, true, false],
    [3, true, true, false],
    [4, true, false, true],
    [5, false, true, true],
    [6, true, true, true],
  ] as const;

  for (const version of [0, 1, 2]) {
    it(`has access modes of an enumeration in version ${version}`, () => {
      for (const [mode, read, write, authenticated] of ENUMERATED) {
        const methodMode = version === 0 ? cosem.boolean(true) : cosem.enum(2);
        const [object] = decodeObjectList(listOf(version, cosem.enum(mode), methodMode));
        const [access] = object!.attributes;
        assert.deepEqual([access!.read, access!.write, access!.request.authenticated], [read, write, authenticated]);
        assert.deepEqual(access!.selectors, [1]);
        assert.equal(attributeAccessMode(access!), mode);
        assert.equal(object!.methods[0]!.access, true);
        assert.equal(methodAccessMode(object!.methods[0]!), version === 0 ? 1 : 2);
      }
    });
  }

  it("has access modes of bits in version 3, as an enumeration, an unsigned or a bit-string", () => {
    // read, authenticated and encrypted request, encrypted and signed response
    const bits = 0b1100_1101;
    const mirrored = cosem.bitString(Uint8Array.of(0b1011_0011));
    for (const mode of [cosem.enum(bits), cosem.unsigned(bits), mirrored]) {
      const [object] = decodeObjectList(listOf(3, mode, mode));
      const [access] = object!.attributes;
      assert.deepEqual([access!.read, access!.write], [true, false]);
      assert.deepEqual(flags(access!), [
        ["authenticated", "encrypted"],
        ["encrypted", "signed"],
      ]);
      assert.equal(attributeAccessMode(access!), 4);
      const [method] = object!.methods;
      assert.equal(method!.access, true);
      assert.deepEqual(flags(method!), flags(access!));
      assert.equal(methodAccessMode(method!), 2);
    }
  });

  it("has no access in version 3 where only the protection is told", () => {
    const [object] = decodeObjectList(listOf(3, cosem.enum(0b0000_0100), cosem.enum(0b0000_0100)));
    assert.equal(attributeAccessMode(object!.attributes[0]!), 0);
    assert.equal(methodAccessMode(object!.methods[0]!), 0);
  });

  it("is read by the version that the caller knows when it does not tell its own", () => {
    const part = (list: CosemData): CosemData => (list.type === "array" ? cosem.array(list.value.slice(0, 1)) : list);
    const list = part(listOf(3, cosem.enum(0b11), cosem.enum(0b01)));
    assert.equal(decodeObjectList(list, 3)[0]!.attributes[0]!.write, true);
    const other = part(listOf(3, cosem.enum(0b100), cosem.enum(0b01)));
    assert.equal(decodeObjectList(other, 3)[0]!.attributes[0]!.read, false);
    assert.equal(decodeObjectList(other)[0]!.attributes[0]!.read, true);
  });

  it("is read from the blocks of a recorded session", () => {
    const text = readFileSync(new URL("../vectors/dlms-traces/none.hex", import.meta.url), "utf8");
    const blocks = text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => decodeApdu(fromHex(line.slice("C->M ".length)).subarray(8)))
      .flatMap((apdu) => (apdu.type === "get-response-with-datablock" && "raw" in apdu.block ? [apdu.block.raw] : []));
    const objects = decodeObjectList(decodeData(concatBytes(...blocks)));
    assert.equal(objects.length, 52);
    const found = objects.find(({ logicalName }) => logicalName === clock);
    assert.equal(found?.classId, 8);
    assert.ok(found.attributes.some(({ id, read }) => id === 2 && read));
  });

  it("is refused when it is built otherwise", () => {
    const broken = cosem.array([cosem.structure([cosem.longUnsigned(8)])]);
    assert.throws(() => decodeObjectList(broken), { code: "remote/unexpected-type" });
    const text = listOf(3, cosem.visibleString("all"), cosem.enum(1));
    assert.throws(() => decodeObjectList(text), { code: "remote/unexpected-type" });
  });
});
