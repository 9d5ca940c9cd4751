/**
 * Makes `dist/` of the sources: what the command, its threads and the library need, each in few
 * files. Some 600 modules would be looked up, opened and compiled one by one at each start, and keep their texts in
 * memory. Packages stay outside, except those that each start loads and that consist of many modules.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { dirname, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = new URL("../", import.meta.url);
const BUNDLED = ["zod", "express", "commander", "pino"];
const PACKAGES = fileURLToPath(new URL("node_modules/", ROOT));
/** What packages load and nobody here uses: all of express but its router, and colours of what developers are told. */
const UNUSED = {
  express: ["body-parser", "serve-static", "./application", "./request", "./response"],
  debug: ["supports-color"],
};

/** What is loaded from `node_modules`: two copies of a package would not know each other. */
const outside = {
  name: "packages stay outside",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /./ }, ({ path, kind, importer }) => {
      if (isBuiltin(path)) return kind === "require-call" ? { path, namespace: "builtin" } : { path, external: true };
      const importing = importer.startsWith(PACKAGES) ? importer.slice(PACKAGES.length).split(sep)[0] : undefined;
      if (UNUSED[importing]?.includes(path)) return { path, namespace: "unused" };
      if (kind === "entry-point" || path.startsWith(".") || importing !== undefined) return undefined;
      return BUNDLED.some((name) => path === name || path.startsWith(`${name}/`))
        ? undefined
        : { path, external: true };
    });
    onLoad({ filter: /./, namespace: "unused" }, () => ({ contents: "module.exports = {};" }));
    // ES modules have no `require`.
    onLoad({ filter: /./, namespace: "builtin" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule("${path}");`,
    }));
  },
};
const { metafile, outputFiles } = await build({
  absWorkingDir: fileURLToPath(ROOT),
  entryPoints: {
    main: "src/main.ts",
    thread: "src/store/sqlite/thread.ts",
    "verify-thread": "src/message-log/verify-thread.ts",
    signatures: "src/soap/security/thread.ts",
    "dlms/index": "src/dlms/index.ts",
  },
  outdir: "dist",
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  platform: "node",
  format: "esm",
  target: "node20.19",
  plugins: [outside],
  sourcemap: true,
  sourcesContent: false,
  metafile: true,
  write: false,
  logLevel: "warning",
});

/**
 * Node.js keeps the text of a file with an octet for each character, unless one of them needs two. In what is built, only
 * comments have such.
 */
const inPlainCharacters = (line) => line.replaceAll("…", "...").replaceAll(/[\u0100-\uffff]/g, "-");
for (const { path, text } of outputFiles) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text.replaceAll(/^\s*(\/\/|\/?\*).*$/gm, inPlainCharacters));
}

/** What an earlier build left: modules of their own, chunks with other names. Types come from the compiler. */
const made = new Set(Object.keys(metafile.outputs));
for (const path of readdirSync(new URL("dist/", ROOT), { recursive: true })) {
  const name = `dist/${path.replaceAll("\\", "/")}`;
  if (/\.js(\.map)?$/.test(name) && !made.has(name)) rmSync(new URL(name, ROOT));
}

const packages = new Set(
  Object.keys(metafile.inputs).flatMap((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []),
);
const licences = [...packages].sort().map((name) => {
  const folder = new URL(`node_modules/${name}/`, ROOT);
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  if (file === undefined) throw new Error(`${name} has no licence to ship beside it`);
  return `${name}\n\n${readFileSync(new URL(file, folder), "utf8").trim()}\n`;
});
writeFileSync(new URL("dist/LICENSES", ROOT), licences.join(`\n${"-".repeat(72)}\n\n`));
