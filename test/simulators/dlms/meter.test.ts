import assert from "node:assert/strict";
import fc from "fast-check";
import { type CosemData, cosem } from "../../../src/dlms/data.ts";
import { encodeData } from "../../../src/dlms/data-codec.ts";
import { PROFILES } from "../../../src/simulators/dlms/profiles/index.ts";
import type { Shape } from "../../../src/simulators/dlms/shape.ts";
import { fitsShape } from "../../../src/simulators/dlms/shape.ts";
import { meterUnderTest } from "./test-meter.ts";

const octets = (length: number) => fc.uint8Array({ minLength: length, maxLength: length }).map(cosem.octetString);

/** Values that a client can send, many of which fit some attribute. */
const anything: fc.Arbitrary<CosemData> = fc.letrec<{ value: CosemData }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constant(cosem.nullData()),
    fc.boolean().map(cosem.boolean),
    fc.uint8Array({ maxLength: 30 }).map(cosem.octetString),
    fc.integer({ min: 0, max: 0xffff_ffff }).map(cosem.doubleLongUnsigned),
    fc.integer({ min: 0, max: 0xff }).map(cosem.enum),
    fc.array(tie("value"), { maxLength: 4 }).map(cosem.array),
    fc.array(tie("value"), { maxLength: 4 }).map(cosem.structure),
  ),
})).value;

/** Values that have a shape. */
function ofShape(shape: Shape): fc.Arbitrary<CosemData> {
  if (typeof shape === "string") return ofType(shape);
  if ("octets" in shape) return octets(shape.octets);
  if ("bits" in shape) return fc.uint8Array({ minLength: 2, maxLength: 2 }).map((b) => cosem.bitString(b, shape.bits));
  if ("enum" in shape) return fc.constantFrom(...shape.enum).map(cosem.enum);
  if ("oneOf" in shape) return fc.oneof(...shape.oneOf.map(ofShape));
  if ("array" in shape)
    return fc.array(ofShape(shape.array), { maxLength: Math.min(shape.most ?? 4, 4) }).map(cosem.array);
  return fc.tuple(...shape.structure.map(ofShape)).map(cosem.structure);
}

function ofType(type: string): fc.Arbitrary<CosemData> {
  const numbers: Record<string, [number, number, (value: number) => CosemData]> = {
    integer: [-128, 127, cosem.integer],
    long: [-32_768, 32_767, cosem.long],
    unsigned: [0, 255, cosem.unsigned],
    "long-unsigned": [0, 65_535, cosem.longUnsigned],
    "double-long-unsigned": [0, 0xffff_ffff, cosem.doubleLongUnsigned],
    enum: [0, 255, cosem.enum],
  };
  const number = numbers[type];
  if (number) return fc.integer({ min: number[0], max: number[1] }).map(number[2]);
  if (type === "boolean") return fc.boolean().map(cosem.boolean);
  if (type === "octet-string") return fc.uint8Array({ maxLength: 30 }).map(cosem.octetString);
  return anything;
}

const objects = [...PROFILES.get("smr5.5")!.objects.values()];
const RUNS = { numRuns: 1500 };

describe("a simulated meter", () => {
  const attributes = objects.flatMap((object) =>
    [...object.attributes].map(([attribute, { shape }]) => ({ object, attribute, shape })),
  );
  const methods = objects.flatMap((object) =>
    [...object.methods].map(([method, { parameter }]) => ({ object, method, shape: parameter })),
  );
  const withValue = <T extends { shape: Shape }>(targets: readonly T[]) =>
    fc
      .constantFrom(...targets)
      .chain((target) => fc.tuple(fc.constant(target), fc.oneof(ofShape(target.shape), anything)));

  it("answers any SET, and can be read afterwards", () => {
    const { meter } = meterUnderTest({ profile: "smr5.5" });
    fc.assert(
      fc.property(withValue(attributes), ([{ object, attribute, shape }, value]) => {
        const { classId, logicalName } = object;
        const result = meter.set({ classId, logicalName, attribute }, value, "all");
        if (!fitsShape(value, shape)) assert.notEqual(result, "success");
        const read = meter.get({ classId, logicalName, attribute });
        if ("data" in read) encodeData(read.data);
      }),
      RUNS,
    );
  });

  it("answers any ACTION, and can be read afterwards", () => {
    const { meter } = meterUnderTest({ profile: "smr5.5" });
    fc.assert(
      fc.property(withValue(methods), ([{ object, method }, value]) => {
        const { classId, logicalName } = object;
        meter.invoke({ classId, logicalName, method }, value, "all");
        const all = meter.get({ classId, logicalName, attribute: 0 });
        assert.ok("data" in all);
        encodeData(all.data);
      }),
      RUNS,
    );
  });

  it("answers any selective access", () => {
    const { meter } = meterUnderTest({ profile: "smr5.5" });
    const selectable = attributes.filter(({ object, attribute }) => object.attributes.get(attribute)!.selectors);
    fc.assert(
      fc.property(
        fc.constantFrom(...selectable),
        fc.integer({ min: 0, max: 5 }),
        anything,
        ({ object, attribute }, selector, parameters) => {
          const { classId, logicalName } = object;
          const read = meter.get({ classId, logicalName, attribute, access: { selector, parameters } });
          if ("data" in read) encodeData(read.data);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("keeps the value of an attribute 0 request apart from attributes that cannot be read", () => {
    const { meter } = meterUnderTest();
    const all = meter.get({ classId: 8, logicalName: objects[0]!.logicalName, attribute: 0 });
    assert.ok("data" in all && all.data.type === "structure");
    assert.equal(all.data.value.length, 9);
  });
});
