import assert from "node:assert/strict";
import { generateIndexes, staleIndexes } from "../../scripts/operations/generate.ts";
import { generatePages } from "../../scripts/pages.ts";

const ROOT = new URL("../../", import.meta.url);

describe("the indexes of operations", () => {
  const files = generateIndexes(ROOT);

  it("are what the operations' files give (npm run generate)", () => {
    assert.deepEqual(staleIndexes(ROOT, files), []);
  });

  it("are told from what is changed or missing", () => {
    const [path = "", text] = [...files][0]!;
    const changed = new Map([
      [path, `${text} `],
      ["src/operations/other.ts", ""],
    ]);
    assert.deepEqual(staleIndexes(ROOT, changed), [path, "src/operations/other.ts"]);
  });
});

describe("the pages that tell of the code", () => {
  it("are what operations, samples, tests, errors and settings give (npm run generate)", () => {
    assert.deepEqual(staleIndexes(ROOT, generatePages(ROOT)), []);
  });
});
