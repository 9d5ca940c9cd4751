import assert from "node:assert/strict";
import { gasScaleOf } from "../../../../src/adapters/dlms/readings/gas-scale.ts";

describe("what the value of a gas meter means", () => {
  it("follows from its model, or is told by the electricity meter", () => {
    const scaler = (model: string) => gasScaleOf(model)?.scaler;
    for (const model of ["G4", "BK-G4A", "G6 RF1"]) assert.equal(scaler(model), -3, model);
    for (const model of ["G10", "G16", "BK-G25"]) assert.equal(scaler(model), -2, model);
    for (const model of ["G4SRT 1.2L", "G10-16SRT_SMR55", "G25SRT_SMR55", "elster-instromet", "flonidan-gasmeter G4"]) {
      assert.equal(gasScaleOf(model), undefined, model);
    }
    for (const model of ["", "SIM-1"]) assert.equal(gasScaleOf(model), undefined, model);
    assert.equal(gasScaleOf("G4")?.unit, "m³");
  });
});
