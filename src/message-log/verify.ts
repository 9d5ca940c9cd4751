import { equalBytes } from "../lib/bytes.ts";
import type { Database } from "../store/database.ts";
import { type MessageLogRow, nextMessageLogIndex, readMessageLog } from "../store/message-log-repository.ts";
import { encodeLeaf, hashLeaf, LEAF_VERSION, sha256Hex } from "./leaf.ts";
import { toLeaf } from "./message-log.ts";

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

const PAGE = 500;
/** Findings after which reading goes on to no purpose. */
export const MOST_FINDINGS = 1000;

function defectsOf(row: MessageLogRow): LogDefect[] {
  if (row.version !== LEAF_VERSION) return ["UNKNOWN_VERSION"];
  const defects: LogDefect[] = [];
  if (!equalBytes(hashLeaf(encodeLeaf(toLeaf(row))), row.leaf_hash)) defects.push("LEAF_CHANGED");
  if (sha256Hex(row.body) !== row.stored_sha256) defects.push("BODY_CHANGED");
  if ((row.body_sha256 !== row.stored_sha256) !== row.redactions > 0) defects.push("REDACTIONS_INCONSISTENT");
  return defects;
}

/**
 * Reads the whole log and computes again what its writer computed: hashes, leaves, and that no entry is missing. It
 * finds accidents and clumsy changes; whoever can write to the database can also make new hashes that fit.
 */
export async function verifyMessageLog({ knex }: Database): Promise<LogReport> {
  const findings: LogFinding[] = [];
  let counted = await nextMessageLogIndex(knex);
  let entries = 0;
  let expected = 0;
  const missUntil = (index: number) => {
    for (; expected < index && findings.length < MOST_FINDINGS; expected++) {
      findings.push({ index: expected, defect: "MISSING" });
    }
    expected = index;
  };
  for (;;) {
    const rows = await readMessageLog(knex, expected, PAGE);
    for (const row of rows) {
      missUntil(row.leaf_index);
      entries += 1;
      expected = row.leaf_index + 1;
      findings.push(...defectsOf(row).map((defect) => ({ index: row.leaf_index, defect })));
      // Entries may come in meanwhile; an entry and its count are committed together.
      if (row.leaf_index >= counted) counted = await nextMessageLogIndex(knex);
      if (row.leaf_index >= counted) findings.push({ index: row.leaf_index, defect: "UNCOUNTED" });
    }
    if (rows.length < PAGE || findings.length >= MOST_FINDINGS) break;
  }
  if (findings.length < MOST_FINDINGS) missUntil(counted);
  return { entries, findings: findings.slice(0, MOST_FINDINGS) };
}
