/**
 * Writes `src/contract/generated` from `wsdl` and `xsd`, the indexes of operations from the files that there are, and
 * what pages of the manual tell of the code.
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
  for (const name of [...stale, ...staleIndexes(root, await pages())]) complain(name);
} else {
  for (const name of stale) {
    const text = files.get(name);
    if (text === undefined) rmSync(new URL(name, root));
    else writeFileSync(new URL(name, root), text);
    console.log(`${text === undefined ? "removed" : "wrote"} ${name}`);
  }
  const texts = await pages();
  for (const name of staleIndexes(root, texts)) {
    writeFileSync(new URL(name, root), texts.get(name) ?? "");
    console.log(`wrote ${name}`);
  }
}

function complain(name: string): void {
  console.error(`stale: ${name} (npm run generate)`);
  process.exitCode = 1;
}

/** Made by the modules that are generated above, so they come last. */
async function pages(): Promise<Map<string, string>> {
  const { generatePages } = await import("./pages.ts");
  return generatePages(root);
}
