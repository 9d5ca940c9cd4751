import { encodeLeaf, hashLeaf, LEAF_VERSION } from "../domain/log-leaf.ts";
import { equalBytes } from "../lib/bytes.ts";
import { sha256Hex } from "../lib/sha256.ts";
import type { LoggedEntry, MessageLogStore } from "../store/message-log.ts";

/** What can be wrong with an entry. */
export type LogDefect =
  /** No entry has this index, though later ones exist or were counted. */
  | "MISSING"
  /** The fields are not those that the leaf hash was made from. */
  | "LEAF_CHANGED"
  /** The stored message is not the one whose hash the leaf holds. */
  | "BODY_CHANGED"
  /** The hashes say that something was replaced and the count denies it, or the other way round. */
  | "REDACTIONS_INCONSISTENT"
  /** The leaf has a version that is not known here. */
  | "UNKNOWN_VERSION"
  /** More entries than were ever counted. */
  | "UNCOUNTED";

export interface LogFinding {
  readonly index: number;
  readonly defect: LogDefect;
}

export interface LogReport {
  /** Entries that were read. */
  readonly entries: number;
  /** In order of their index; at most `MOST_FINDINGS`. */
  readonly findings: readonly LogFinding[];
}

/** Findings after which reading goes on to no purpose. */
export const MOST_FINDINGS = 1000;
const PAGE = 500;

function defectsOf({ leaf, stored, leafHash }: LoggedEntry): LogDefect[] {
  if (leaf.version !== LEAF_VERSION) return ["UNKNOWN_VERSION"];
  const defects: LogDefect[] = [];
  if (!equalBytes(hashLeaf(encodeLeaf(leaf)), leafHash)) defects.push("LEAF_CHANGED");
  if (sha256Hex(stored) !== leaf.storedSha256) defects.push("BODY_CHANGED");
  if ((leaf.bodySha256 !== leaf.storedSha256) !== leaf.redactions > 0) defects.push("REDACTIONS_INCONSISTENT");
  return defects;
}

/**
 * Computes again what the writer of the log computed: hashes, leaves, and that no entry is missing. Entries in, verdict
 * out; it finds accidents and clumsy changes, for whoever can write to the database can also make new hashes that fit.
 */
export class LogVerifier {
  readonly #findings: LogFinding[] = [];
  #entries = 0;
  #expected = 0;

  /** Index of the next entry, if none is missing. */
  get expected(): number {
    return this.#expected;
  }

  /** True when more entries would not change the verdict. */
  get full(): boolean {
    return this.#findings.length >= MOST_FINDINGS;
  }

  /**
   * Takes the next entry, in order of the index.
   * @param counted how many entries were ever counted, when it was read
   */
  take(entry: LoggedEntry, counted: number): void {
    const { index } = entry.leaf;
    this.#missUntil(index);
    this.#entries += 1;
    this.#expected = index + 1;
    this.#findings.push(...defectsOf(entry).map((defect) => ({ index, defect })));
    if (index >= counted) this.#findings.push({ index, defect: "UNCOUNTED" });
  }

  /** @param counted how many entries there should be */
  finish(counted: number): LogReport {
    if (!this.full) this.#missUntil(counted);
    return { entries: this.#entries, findings: this.#findings.slice(0, MOST_FINDINGS) };
  }

  #missUntil(index: number): void {
    for (; this.#expected < index && !this.full; this.#expected++) {
      this.#findings.push({ index: this.#expected, defect: "MISSING" });
    }
    this.#expected = Math.max(index, this.#expected);
  }
}

/** Reads the whole log of a store and verifies it. */
export async function verifyMessageLog(log: MessageLogStore): Promise<LogReport> {
  const verifier = new LogVerifier();
  let counted = await log.size();
  for (let more = true; more && !verifier.full; ) {
    const entries = await log.read(verifier.expected, PAGE);
    // Entries may come in meanwhile; an entry and its count are committed together.
    if ((entries.at(-1)?.leaf.index ?? -1) >= counted) counted = await log.size();
    for (const entry of entries) verifier.take(entry, counted);
    more = entries.length === PAGE;
  }
  return verifier.finish(counted);
}
