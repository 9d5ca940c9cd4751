/**
 * Makes `dist/` of the sources: what the command, its threads and the library need, each in few
 * files. Some 600 modules would be looked up, opened and compiled one by one at each start, and keep their texts in
 * memory. Packages stay outside, except zod, whose own hundred modules are mostly texts in languages that nobody asks for.
 */
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const ROOT = new URL("../", import.meta.url);
const BUNDLED = ["zod"];

/** What is loaded from `node_modules`: two copies of a package would not know each other. */
const outside = {
  name: "packages stay outside",
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      const isBundled = BUNDLED.some((name) => path === name || path.startsWith(`${name}/`));
      return kind === "entry-point" || isBundled ? undefined : { path, external: true };
    });
  },
};
const { metafile } = await build({
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
  logLevel: "warning",
});

/** What an earlier build left: modules of their own, chunks with other names. Types come from the compiler. */
const made = new Set(Object.keys(metafile.outputs));
for (const path of readdirSync(new URL("dist/", ROOT), { recursive: true })) {
  const name = `dist/${path.replaceAll("\\", "/")}`;
  if (/\.js(\.map)?$/.test(name) && !made.has(name)) rmSync(new URL(name, ROOT));
}
for (const name of BUNDLED) {
  copyFileSync(new URL(`node_modules/${name}/LICENSE`, ROOT), new URL(`dist/LICENSE-${name}`, ROOT));
}
