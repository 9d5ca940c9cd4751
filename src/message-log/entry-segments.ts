import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { bundleIn, chunksOf } from "./bundle-files.ts";
import { BundleError, type Manifest, readRecords } from "./bundle-format.ts";
import { BundleTiles, LeafHashes } from "./bundle-tiles.ts";
import { type EntryFacts, EntryVerifier } from "./entry-verifier.ts";
import { Findings } from "./verdict.ts";

/** A part of the file `entries` that can be verified by itself. */
export interface Segment {
  /** Octets of the file. */
  readonly start: number;
  readonly end: number;
  /** Index of its first entry, undefined in the first segment; and of the first one behind it. */
  readonly first: number | undefined;
  readonly next: number | undefined;
}

/** Octets that are searched for the beginning of an entry. */
const SEARCHED = 8_388_608;
const RECORD = /\n(0|[1-9]\d{0,15}) (?:-|[0-9a-f]{32}) [1-9]\d{0,4} (?:erased|0|[1-9]\d{0,9})\n\{/;

/** The first place behind an octet where an entry seems to begin. A payload may look like one: the verifier finds out. */
function entryBehind(file: number, octet: number): { at: number; index: number } | undefined {
  const buffer = Buffer.allocUnsafe(SEARCHED);
  const length = readSync(file, buffer, 0, SEARCHED, octet);
  const found = RECORD.exec(buffer.toString("latin1", 0, length));
  return found ? { at: octet + found.index + 1, index: Number(found[1]) } : undefined;
}

/** The first segment to the others: who verifies it has the tree to look at as well. */
const FIRST_SHARE = 0.75;

/** Cuts the entries of a bundle into segments of about the same size, the first one smaller; one when it is not worth it. */
export function segmentsOf(directory: string, most: number, leastOctets: number): Segment[] {
  const path = join(directory, "entries");
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const count = Math.max(1, Math.min(most, Math.floor(size / leastOctets)));
  const cuts: { at: number; index: number }[] = [];
  if (count > 1) {
    const file = openSync(path, "r");
    try {
      for (let i = 1; i < count; i++) {
        const cut = entryBehind(file, Math.floor((size * (i - 1 + FIRST_SHARE)) / (count - 1 + FIRST_SHARE)));
        if (cut && cut.at > (cuts.at(-1)?.at ?? 0)) cuts.push(cut);
      }
    } finally {
      closeSync(file);
    }
  }
  return [undefined, ...cuts].map((cut, i) => ({
    start: cut?.at ?? 0,
    end: cuts[i]?.at ?? size,
    first: cut?.index,
    next: cuts[i]?.index,
  }));
}

/**
 * Verifies a segment.
 * @returns undefined when anything is wrong: then the whole is verified once more in its order, which names it
 */
export function verifySegment(
  directory: string,
  manifest: Manifest,
  size: number,
  { start, end, first, next }: Segment,
): EntryFacts | undefined {
  const findings = new Findings();
  const hashes = new LeafHashes(new BundleTiles(bundleIn(directory), size).read);
  const verifier = new EntryVerifier(manifest, size, (index) => hashes.at(index), findings, first);
  try {
    for (const record of readRecords(chunksOf(join(directory, "entries"), start, end))) verifier.take(record);
  } catch (error) {
    if (error instanceof BundleError) return undefined;
    throw error;
  }
  const facts = verifier.facts(next);
  return findings.list().length === 0 ? facts : undefined;
}
