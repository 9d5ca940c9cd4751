import assert from "node:assert/strict";
import { SIMPLE_TYPES } from "../../../src/contract/generated/tables.ts";
import { toMeterValue, toQuantity } from "../../../src/contract/operations/units.ts";
import { UNITS } from "../../../src/domain/unit.ts";

describe("values in the contract's units", () => {
  it("have every unit that the contract names", () => {
    const named = new Set(UNITS.map((unit) => toQuantity("1", unit).unit));
    assert.deepEqual([...named].sort(), [...SIMPLE_TYPES["common:OsgpUnitType"]!.enumeration!].sort());
  });

  it("are told in kWh when they were watt-hours, without losing a digit", () => {
    assert.deepEqual(toQuantity("1234567", "Wh"), { value: "1234.567", unit: "KWH" });
    assert.deepEqual(toQuantity("18446744073709551615", "Wh"), { value: "18446744073709551.615", unit: "KWH" });
    assert.deepEqual(toQuantity("-12.50", "A"), { value: "-12.50", unit: "AMP" });
  });

  it("make a meter reading when they are energy or a volume that the schema has room for", () => {
    const max = "9223372036854775807";
    assert.deepEqual(toMeterValue("12.345", "m³"), { value: "12.345", unit: "M3" });
    assert.deepEqual(toMeterValue(`${max}000.0`, "Wh"), { value: `${max}.0000`, unit: "KWH" });
    assert.deepEqual(toMeterValue("-0.0", "m³"), { value: "-0.0", unit: "M3" });
    for (const value of ["-0.001", `${max}.0001`, "9223372036854775808", "10000000000000000000"]) {
      assert.equal(toMeterValue(value, "m³"), undefined, value);
    }
    assert.throws(() => toMeterValue("1", "varh"), { code: "ILLEGAL_RESPONSE" });
  });
});
