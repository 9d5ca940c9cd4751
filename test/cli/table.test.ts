import assert from "node:assert/strict";
import { formatTable } from "../../src/cli/table.ts";

describe("a printed table", () => {
  it("has columns as wide as their widest cell, and no blanks at the end of a line", () => {
    const rows = [
      ["device", "owner"],
      ["a", "somebody"],
      ["a longer one", ""],
    ];
    assert.equal(formatTable(rows), "device        owner\na             somebody\na longer one");
  });
});
