/**
 * Lets Node run the TypeScript files of tests and scripts: `node --import ./scripts/typescript.mjs FILE`.
 * Types are cut off, not checked; `npm run typecheck` does that. Node does the same by itself from 22.18 on.
 */
import { readFile } from "node:fs/promises";
import { register } from "node:module";
import { fileURLToPath } from "node:url";
import { transform } from "esbuild";

const HOOKS = "?hooks";
if (!import.meta.url.endsWith(HOOKS) && !process.features.typescript) register(import.meta.url + HOOKS);

/** Node's hook for loading one module. */
export async function load(url, context, next) {
  if (!/\.m?ts$/.test(url) || url.includes("/node_modules/")) return next(url, context);
  const path = fileURLToPath(url);
  const options = { loader: "ts", sourcefile: path, sourcemap: "inline", sourcesContent: false, target: "node20" };
  const { code } = await transform(await readFile(path, "utf8"), options);
  return { format: "module", source: code, shortCircuit: true };
}
