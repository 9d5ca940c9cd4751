/**
 * Writes `src/contract/generated` from `wsdl` and `xsd`.
 * With `--check` it writes nothing, names the files that are stale on standard error and ends with status 1.
 */
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { generate, staleFiles } from "./contract/generate.ts";

const root = new URL("../", import.meta.url);
const folder = new URL("src/contract/generated/", root);
mkdirSync(folder, { recursive: true });
const files = generate(root);
const stale = staleFiles(folder, files);

if (process.argv.includes("--check")) {
  for (const name of stale) console.error(`stale: src/contract/generated/${name} (npm run generate)`);
  process.exitCode = stale.length > 0 ? 1 : 0;
} else {
  for (const name of stale) {
    const text = files.get(name);
    if (text === undefined) rmSync(new URL(name, folder));
    else writeFileSync(new URL(name, folder), text);
    console.log(`${text === undefined ? "removed" : "wrote"} src/contract/generated/${name}`);
  }
}
