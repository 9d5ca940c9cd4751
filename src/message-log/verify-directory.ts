import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { IS_SOURCE, PACKAGE_ROOT } from "../lib/package-root.ts";
import { bundleIn } from "./bundle-files.ts";
import { BundleError, parseManifest } from "./bundle-format.ts";
import { type Trust, verifyBundle, verifyPublished } from "./bundle-verifier.ts";
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
  return verifyBundle(files, trust, await factsIn(directory, threads));
}

/** What the entries say, when all of them are as they must be and it was worth to look at them in threads. */
async function factsIn(directory: string, threads: Threads): Promise<EntryFacts[] | undefined> {
  const { most = Math.min(MOST_THREADS, availableParallelism()), leastOctets = LEAST_OCTETS } = threads;
  const segments = segmentsOf(directory, most, leastOctets);
  const [own, ...others] = segments;
  if (!own || others.length === 0) return undefined;
  const files = bundleIn(directory);
  const text = (path: string) => Buffer.from(files.read(path) ?? []).toString();
  try {
    const manifest = parseManifest(text("manifest"));
    const { size } = parseCheckpoint(text("checkpoint"));
    const awaited = others.map((segment) => inThread({ directory, manifest, size, segment }));
    // This thread is one of them.
    const facts = [verifySegment(directory, manifest, size, own), ...(await Promise.all(awaited))];
    return facts.every((each) => each !== undefined) ? facts : undefined;
  } catch (error) {
    // Who verifies the whole says what is wrong with these two.
    if (error instanceof BundleError || error instanceof NoteError) return undefined;
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
