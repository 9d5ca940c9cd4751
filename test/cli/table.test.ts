import assert from "node:assert/strict";
import { formatTable, wrap } from "../../src/cli/table.ts";

describe("a printed table", () => {
  it("has columns as wide as their widest cell, and no blanks at the end of a line", () => {
    const rows = [
      ["device", "owner"],
      ["a", "somebody"],
      ["a longer one", ""],
    ];
    assert.equal(formatTable(rows), "device        owner\na             somebody\na longer one");
  });

  it("has long texts cut at blanks, and never inside a word", () => {
    assert.deepEqual(wrap("one two three", 7), ["one two", "three"]);
    assert.deepEqual(wrap("unbreakable word", 4), ["unbreakable", "word"]);
    assert.deepEqual(wrap("", 4), [""]);
  });
});
