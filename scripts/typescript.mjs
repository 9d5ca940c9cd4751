/**
 * Lets Node run the TypeScript files of tests and scripts: `node --import ./scripts/typescript.mjs FILE`.
 * Types are cut off, not checked; `npm run typecheck` does that. Node does the same by itself from 22.18 on.
 *
 * What became of a file of this tree is kept below `node_modules/.cache`, for each process of a run loads some hundreds.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createRequire, register } from "node:module";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const HOOKS = "?hooks";
if (!import.meta.url.endsWith(HOOKS) && !process.features.typescript) {
  register(import.meta.url + HOOKS);
  // Errors name the lines of the sources.
  process.setSourceMapsEnabled(true);
}

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const CACHE = join(ROOT, "node_modules/.cache/typescript");
const OPTIONS = { loader: "ts", sourcemap: "inline", sourcesContent: false, target: "node20" };
const MAKER = JSON.stringify([createRequire(import.meta.url)("esbuild/package.json").version, OPTIONS]);

async function transformed(text, path) {
  const { transform } = await import("esbuild");
  const { code } = await transform(text, { ...OPTIONS, sourcefile: basename(path) });
  return code;
}

/** What is kept in a place, "" when there is nothing. */
function keptAt(place) {
  try {
    return readFileSync(place, "utf8");
  } catch {
    return "";
  }
}

/**
 * The JavaScript of one file; as it is kept, it ends in the sum of what it was made from. Files are read at once: nothing
 * else happens in the thread of hooks, and promises of small files take longer than the files.
 */
async function javascript(path) {
  const text = readFileSync(path, "utf8");
  const name = relative(ROOT, path).replaceAll(/[\\/]/g, "+");
  if (name.startsWith("..")) return transformed(text, path);
  const sum = `//${createHash("sha256").update(MAKER).update(text).digest("hex")}\n`;
  const place = join(CACHE, name);
  const kept = keptAt(place);
  if (kept.endsWith(sum)) return kept;
  const made = (await transformed(text, path)) + sum;
  // By renaming, since other processes may be reading it.
  const draft = `${place}.${process.pid}`;
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(draft, made);
  renameSync(draft, place);
  return made;
}

/** Node's hook for finding one module: sources name each other by their files, so that nothing has to be looked for. */
export async function resolve(specifier, context, next) {
  if (!/^\.{1,2}\/.*\.ts$/.test(specifier)) return next(specifier, context);
  return { url: new URL(specifier, context.parentURL).href, format: "module", shortCircuit: true };
}

/** Node's hook for loading one module. */
export async function load(url, context, next) {
  if (!/\.m?ts$/.test(url) || url.includes("/node_modules/")) return next(url, context);
  return { format: "module", source: await javascript(fileURLToPath(url)), shortCircuit: true };
}
