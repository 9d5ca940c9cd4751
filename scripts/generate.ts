/**
 * Writes `src/contract/generated` from `wsdl` and `xsd`, the indexes of operations from the files that there are, and
 * `docs/coverage.md` from all of them.
 * With `--check` it writes nothing, names the files that are stale on standard error and ends with status 1.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { generate, staleFiles } from "./contract/generate.ts";
import { generateIndexes, staleIndexes } from "./operations/generate.ts";

const root = new URL("../", import.meta.url);
const CONTRACT = "src/contract/generated/";
mkdirSync(new URL(CONTRACT, root), { recursive: true });
const contract = generate(root);
const indexes = generateIndexes(root);
const files = new Map([...indexes, ...[...contract].map(([name, text]) => [CONTRACT + name, text] as const)]);
const stale = [
  ...staleFiles(new URL(CONTRACT, root), contract).map((name) => CONTRACT + name),
  ...staleIndexes(root, indexes),
];

if (process.argv.includes("--check")) {
  for (const name of stale.length > 0 ? stale : await stalePage()) complain(name);
} else {
  for (const name of stale) {
    const text = files.get(name);
    if (text === undefined) rmSync(new URL(name, root));
    else writeFileSync(new URL(name, root), text);
    console.log(`${text === undefined ? "removed" : "wrote"} ${name}`);
  }
  for (const name of await stalePage(true)) console.log(`wrote ${name}`);
}

function complain(name: string): void {
  console.error(`stale: ${name} (npm run generate)`);
  process.exitCode = 1;
}

/** The page is made by what is generated above, so it comes last. */
async function stalePage(write = false): Promise<string[]> {
  const { COVERAGE, coveragePage } = await import("./operations/coverage.ts");
  const text = coveragePage(root);
  const stalePages = staleIndexes(root, new Map([[COVERAGE, text]]));
  if (write && stalePages.length > 0) writeFileSync(new URL(COVERAGE, root), text);
  return stalePages;
}
