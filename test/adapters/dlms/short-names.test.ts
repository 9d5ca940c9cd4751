import assert from "node:assert/strict";
import { ShortNames } from "../../../src/adapters/dlms/short-names.ts";
import { cosem } from "../../../src/dlms/data.ts";
import { parseObis } from "../../../src/lib/obis.ts";

const CLOCK = parseObis("0.0.1.0.0.255");
const element = (baseName: number, classId: number, logicalName: typeof CLOCK) =>
  cosem.structure([
    cosem.long(baseName),
    cosem.longUnsigned(classId),
    cosem.unsigned(0),
    cosem.logicalName(logicalName),
  ]);

describe("short names", () => {
  const names = new ShortNames(
    cosem.array([element(0x2bc0, 8, CLOCK), element(0xfa00 - 0x10000, 12, parseObis("0.0.40.0.0.255"))]),
  );

  it("count on by eight from the object's base name", () => {
    assert.deepEqual(names.variableOf({ classId: 8, logicalName: CLOCK, attribute: 1 }), {
      shortName: 0x2bc0,
      access: undefined,
    });
    assert.equal(names.variableOf({ classId: 8, logicalName: CLOCK, attribute: 3 })?.shortName, 0x2bd0);
  });

  it("are unsigned although the list has signed numbers", () => {
    const association = { classId: 12, logicalName: parseObis("0.0.40.0.0.255"), attribute: 2 };
    assert.equal(names.variableOf(association)?.shortName, 0xfa08);
  });

  it("exist only for objects of the list", () => {
    assert.equal(names.variableOf({ classId: 3, logicalName: CLOCK, attribute: 2 }), undefined);
  });
});
