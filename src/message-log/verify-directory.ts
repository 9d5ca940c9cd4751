import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { IS_SOURCE, PACKAGE_ROOT } from "../lib/package-root.ts";
import { bundleIn } from "./bundle-files.ts";
import { BundleError, parseManifest } from "./bundle-format.ts";
import { beginBundle, type Trust, verifyPublished } from "./bundle-verifier.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { segmentsOf, verifySegment } from "./entry-segments.ts";
import type { EntryFacts } from "./entry-verifier.ts";
import { NoteError } from "./note.ts";
import type { Verdict } from "./verdict.ts";
import type { SegmentToVerify } from "./verify-thread.ts";

const THREAD = new URL(IS_SOURCE ? "src/message-log/verify-thread.ts" : "dist/verify-thread.js", PACKAGE_ROOT);
const MOST_THREADS = 8;
/** Octets of entries that are worth a thread. */
const LEAST_OCTETS = 33_554_432;

export interface Threads {
  readonly most?: number | undefined;
  readonly leastOctets?: number | undefined;
}

/**
 * Verifies a bundle in a directory, or what the service publishes. A large bundle is verified in several threads: each
 * looks at a part of the entries. When one of them finds anything, the whole is looked at once more from its beginning: a
 * verdict names the first wrong entry.
 */
export async function verifyDirectory(directory: string, trust: Trust, threads: Threads = {}): Promise<Verdict> {
  const files = bundleIn(directory);
  // What is published has no manifest, and the tiles of the entries that a bundle does not have.
  if (!files.read("manifest") && existsSync(join(directory, "tile", "entries"))) return verifyPublished(files, trust);
  const entries = beginEntries(directory, threads);
  // While threads are at work on the entries, this one looks at the rest.
  const end = beginBundle(files, trust);
  return end(await entries());
}

/**
 * Has threads look at the entries, when it is worth it.
 * @returns what looks at those that are left and tells what all say, when all of them are as they must be
 */
function beginEntries(directory: string, threads: Threads): () => Promise<EntryFacts[] | undefined> {
  const none = () => Promise.resolve(undefined);
  const { most = Math.min(MOST_THREADS, availableParallelism()), leastOctets = LEAST_OCTETS } = threads;
  const [own, ...others] = segmentsOf(directory, most, leastOctets);
  if (!own || others.length === 0) return none;
  const files = bundleIn(directory);
  const text = (path: string) => Buffer.from(files.read(path) ?? []).toString();
  try {
    const manifest = parseManifest(text("manifest"));
    const { size } = parseCheckpoint(text("checkpoint"));
    const awaited = Promise.all(others.map((segment) => inThread({ directory, manifest, size, segment })));
    return async () => {
      const facts = [verifySegment(directory, manifest, size, own), ...(await awaited)];
      return facts.every((each) => each !== undefined) ? facts : undefined;
    };
  } catch (error) {
    // Who verifies the whole says what is wrong with these two.
    if (error instanceof BundleError || error instanceof NoteError) return none;
    throw error;
  }
}

function inThread(work: SegmentToVerify): Promise<EntryFacts | undefined> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(THREAD, { name: "verifier", workerData: work });
    worker.once("message", resolve);
    worker.once("error", reject);
    worker.once("exit", () => resolve(undefined));
  });
}
