import assert from "node:assert/strict";
import { generate, staleFiles } from "../../scripts/contract/generate.ts";

const ROOT = new URL("../../", import.meta.url);

describe("the generated part of the contract", () => {
  const files = generate(ROOT);
  const folder = new URL("src/contract/generated/", ROOT);

  it("is what the schemas and WSDLs give (npm run generate)", () => {
    assert.deepEqual(staleFiles(folder, files), []);
  });

  it("is told from what is changed, missing or superfluous", () => {
    const changed = new Map(files);
    changed.set("common.ts", `${files.get("common.ts")} `);
    changed.delete("index.ts");
    changed.set("other.ts", "");
    assert.deepEqual(staleFiles(folder, changed), ["common.ts", "index.ts", "other.ts"]);
  });
});
