import assert from "node:assert/strict";
import { decodeProfileStatus } from "../../../../src/adapters/dlms/readings/profile-status.ts";
import { SIMPLE_TYPES } from "../../../../src/contract/generated/tables.ts";
import { cosem } from "../../../../src/dlms/data.ts";

describe("the status of a profile's entry", () => {
  it("has a flag per bit, from critical error to power down", () => {
    const flags = SIMPLE_TYPES["common:AmrProfileStatusCodeFlag"]!.enumeration!;
    assert.equal(flags.length, 8);
    for (const [bit, flag] of flags.entries()) assert.deepEqual(decodeProfileStatus(cosem.unsigned(1 << bit)), [flag]);
    assert.deepEqual(decodeProfileStatus(cosem.unsigned(0xff)), flags);
    assert.deepEqual(decodeProfileStatus(cosem.unsigned(0)), []);
    assert.deepEqual(decodeProfileStatus(cosem.unsigned(0x88)), ["DAYLIGHT_SAVING", "POWER_DOWN"]);
  });

  it("is refused when it is no number", () => {
    assert.throws(() => decodeProfileStatus(cosem.nullData()), { code: "remote/unexpected-type" });
  });
});
