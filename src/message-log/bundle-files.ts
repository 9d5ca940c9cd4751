import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { join, sep } from "node:path";
import type { BundleFiles } from "./bundle-verifier.ts";

const CHUNK = 1_048_576;

/** A file piece by piece, from one octet to before another one; nothing when there is none. */
export function* chunksOf(path: string, start = 0, end = Number.MAX_SAFE_INTEGER): Generator<Uint8Array> {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  try {
    for (let at = start; at < end; ) {
      const chunk = Buffer.allocUnsafe(CHUNK);
      const length = readSync(file, chunk, 0, Math.min(CHUNK, end - at), at);
      if (length === 0) return;
      at += length;
      yield chunk.subarray(0, length);
    }
  } finally {
    closeSync(file);
  }
}

/** A bundle in a directory; it is only read. */
export function bundleIn(directory: string): BundleFiles {
  return {
    list: () =>
      readdirSync(directory, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) =>
          join(entry.parentPath, entry.name)
            .slice(directory.length + 1)
            .split(sep)
            .join("/"),
        )
        .sort(),
    read(path) {
      try {
        return readFileSync(join(directory, path));
      } catch (error) {
        if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
        throw error;
      }
    },
    chunks: (path) => chunksOf(join(directory, path)),
  };
}

/** A bundle in memory. */
export function bundleOf(files: ReadonlyMap<string, Uint8Array>): BundleFiles {
  return {
    list: () => [...files.keys()].sort(),
    read: (path) => files.get(path),
    chunks: (path) => (files.has(path) ? [new Uint8Array(files.get(path)!)] : []),
  };
}
