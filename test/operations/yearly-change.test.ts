import assert from "node:assert/strict";
import { momentOf, parseYearlyChange } from "../../src/operations/yearly-change.ts";

describe("a change of the clocks that comes each year", () => {
  const at = (text: string, year: number, deviationMinutes = 0) =>
    new Date(momentOf(parseYearlyChange(text)!, year, deviationMinutes)).toISOString();

  it("is on the last of a day of the week, on the first from a day on, on a date, or at the end of a month", () => {
    // When Europe changed in 2026, when America did, and when Iran did.
    assert.equal(at("FFFF03FE0702000000FFC400", 2026, -60), "2026-03-29T01:00:00.000Z");
    assert.equal(at("FFFF0AFE0703000000FF8880", 2026, -120), "2026-10-25T01:00:00.000Z");
    assert.equal(at("FFFF03080702000000800000", 2026, 300), "2026-03-08T07:00:00.000Z");
    assert.equal(at("FFFF0B010702000000800000", 2026, 240), "2026-11-01T06:00:00.000Z");
    assert.equal(at("FFFF0316FF0000FFFF800000", 2021, -210), "2021-03-21T20:30:00.000Z");
    assert.equal(at("FFFF02FEFF171E0F00800000", 2028), "2028-02-29T23:30:15.000Z");
  });

  it("tells the distance to UTC where there is one", () => {
    assert.equal(parseYearlyChange("FFFF0AFE0703000000FF8880")!.deviationMinutes, -120);
    assert.equal(parseYearlyChange("FFFF0AFE0703000000800080")!.deviationMinutes, undefined);
  });

  it("is nothing of one year only, of no month, of the last day but one, or at no hour", () => {
    for (const text of [
      "07EA03FE0702000000FFC400",
      "FFFFFFFE0702000000FFC400",
      "FFFFFD010702000000FFC400",
      "FFFF03FD0702000000FFC400",
      "FFFF03200702000000FFC400",
      "FFFF021EFF02000000FFC400",
      "FFFF03FE0802000000FFC400",
      "FFFF03FE07FF000000FFC400",
      "FFFF03FE07023C0000FFC400",
    ]) {
      assert.equal(parseYearlyChange(text), undefined, text);
    }
  });
});
