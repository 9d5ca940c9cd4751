import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { ERROR_CATALOGUE } from "../src/domain/errors.ts";

const page = (name: string) => readFileSync(new URL(`../docs/${name}`, import.meta.url), "utf8");

describe("the manual", () => {
  it("lists every error with its number, whether it is tried again, and what it means", () => {
    const rows = Object.entries(ERROR_CATALOGUE).map(
      ([code, entry]) => `| ${entry.fault ?? "technical"} | ${code} | ${entry.retry ? "yes" : "no"} | ${entry.means} |`,
    );
    const table = ["| code | name | tried again | meaning |", "|---|---|---|---|", ...rows].join("\n");
    const written = page("integrators.md").match(/<!-- errors:begin -->\n([\s\S]*)\n<!-- errors:end -->/)?.[1];
    assert.equal(written, table, `docs/integrators.md needs this table:\n${table}`);
  });
});
