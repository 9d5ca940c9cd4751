import assert from "node:assert/strict";
import { asElements, type CosemData, cosem } from "../../../../src/dlms/data.ts";
import { fromHex } from "../../../../src/lib/bytes.ts";
import { invoke, meterUnderTest, set, value } from "../test-meter.ts";

const TABLE = "11/0.0.11.0.0.255";
const day = (index: number) =>
  cosem.structure([cosem.longUnsigned(index), cosem.octetString(fromHex("07EA0101FF")), cosem.unsigned(1)]);
const days = (count: number): CosemData => cosem.array(Array.from({ length: count }, (_, index) => day(index)));

describe("the special days of a simulated meter", () => {
  it("are 30 at most, written at once or one by one", () => {
    const { meter } = meterUnderTest();
    assert.equal(set(meter, `${TABLE}/2`, days(31)), "type-unmatched");
    assert.equal(set(meter, `${TABLE}/2`, days(30)), "success");
    assert.equal(invoke(meter, `${TABLE}/1`, day(30)), "other-reason");
    assert.equal(invoke(meter, `${TABLE}/1`, day(29)), "success", "in the place of the one with its index");
    assert.equal(asElements(value(meter, `${TABLE}/2`)).length, 30);
  });
});
