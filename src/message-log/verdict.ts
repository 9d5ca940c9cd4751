import type { TreeHead } from "./checkpoint.ts";

/** What can be wrong with a bundle. */
export type BundleDefect =
  /** A file is not written as it must be. */
  | "FORMAT"
  /** A file that has no place in a bundle. */
  | "UNEXPECTED_FILE"
  /** No key that is known signed it, or the signature is wrong. */
  | "NOT_SIGNED"
  /** A witness that was asked for did not cosign the checkpoint. */
  | "NOT_WITNESSED"
  /** The tree is not the one that was signed, somewhere in this range. */
  | "TREE_CHANGED"
  /** An older checkpoint, or one that is known from elsewhere, is not of this tree. */
  | "FORKED"
  /** A checkpoint that is known from elsewhere has more entries. */
  | "CUT_OFF"
  /** An entry of the range is not there. */
  | "MISSING"
  /** The entry was gone before it came into the tree. */
  | "NEVER_THERE"
  /** The leaf is not the one that the tree has at this place. */
  | "LEAF_CHANGED"
  /** The payload is not the one whose hash the leaf has. */
  | "BODY_CHANGED"
  /** The payload is not there, and no entry says that it was erased. */
  | "PAYLOAD_MISSING"
  /** Hashes and count of replaced secrets contradict each other. */
  | "REDACTIONS_INCONSISTENT"
  /** The leaf is not the canonical JSON that it must be: others could read it otherwise. */
  | "LEAF_INVALID"
  /** The leaf has a version that is not known here. */
  | "UNKNOWN_VERSION"
  /** An entry stands where it does not belong, or does not belong into this bundle. */
  | "MISPLACED"
  /** A timestamp is of something else. */
  | "TIMESTAMP";

/** What is wrong, and where: entries from `first` to `last`, or what the text names. */
export interface BundleFinding {
  readonly defect: BundleDefect;
  readonly first?: number | undefined;
  readonly last?: number | undefined;
  readonly text: string;
}

export interface Verdict {
  /** In the order of the entries, then what has no place. Empty: all that was looked at is as it was signed. */
  readonly findings: readonly BundleFinding[];
  /** The checkpoint that all is proved against, if it could be read. */
  readonly head: TreeHead | undefined;
  /** Entries that were looked at. */
  readonly entries: number;
  /** Verifier keys whose signature counted. */
  readonly signedBy: readonly string[];
  /** Whether the key came from the bundle itself: then a forger could have made it. */
  readonly isKeyFromBundle: boolean;
}

/** Most findings that are gathered. */
const MOST_FINDINGS = 1000;

/** Gathers findings; neighbours with the same defect become one. */
export class Findings {
  readonly #placed: { defect: BundleDefect; first: number; last: number; text: string }[] = [];
  readonly #others: BundleFinding[] = [];
  readonly #open = new Map<BundleDefect, { first: number; last: number }>();

  /** @param last including */
  at(defect: BundleDefect, first: number, last: number, text: string): void {
    const before = this.#open.get(defect);
    if (before && first <= before.last + 1 && first >= before.first) {
      before.last = Math.max(before.last, last);
      return;
    }
    if (this.#placed.length >= MOST_FINDINGS) return;
    const finding = { defect, first, last, text };
    this.#placed.push(finding);
    this.#open.set(defect, finding);
  }

  add(defect: BundleDefect, text: string): void {
    if (this.#others.length < MOST_FINDINGS) this.#others.push({ defect, text });
  }

  list(): BundleFinding[] {
    return [...this.#placed.sort((a, b) => a.first - b.first), ...this.#others];
  }
}

/** A finding as a line: place, defect and what it means. */
export function formatFinding({ defect, first, last, text }: BundleFinding): string {
  if (first === undefined) return `${defect}: ${text}`;
  return `${first === last ? `entry ${first}` : `entries ${first} to ${last}`}: ${defect}: ${text}`;
}
