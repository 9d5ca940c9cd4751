import assert from "node:assert/strict";
import { supportMatrix } from "../../src/adapters/dlms/support.ts";
import { isOffered } from "../operations/services.ts";
import { EXPECTED, type Row, VERSIONS } from "./matrix-expectations.ts";
import { CASES, describeEveryOperation } from "./matrix-operations.ts";

/** The oldest and the newest version that have an operation, and the newest that lacks it. */
function borders(row: Row): number[] {
  return [row.indexOf("yes"), row.lastIndexOf("yes"), row.lastIndexOf(416)].filter(
    (place, i, all) => place >= 0 && all.indexOf(place) === i,
  );
}

describe("the support matrix", () => {
  const { versions, rows } = supportMatrix();

  it("has the versions of the companion standards as columns, oldest first", () =>
    assert.deepEqual(
      versions,
      VERSIONS.map(({ version }) => version),
    ));

  it("offers each operation for the versions that have it and no others", () => {
    const shown = rows.map(({ operation, supported }) => [operation, supported.map((yes) => (yes ? "yes" : 416))]);
    assert.deepEqual(Object.fromEntries(shown), EXPECTED);
  });

  it("has a case below for every operation that these meters offer", () => {
    const without = rows.filter(({ operation }) => isOffered(operation) && !(operation in CASES));
    assert.deepEqual(without, []);
  });
});

describeEveryOperation("every operation on the oldest and the newest meter that has it", borders);
