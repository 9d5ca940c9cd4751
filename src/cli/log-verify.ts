import { existsSync, readFileSync } from "node:fs";
import type { Trust } from "../message-log/bundle-verifier.ts";
import { NoteError, parseVerifierKey } from "../message-log/note.ts";
import { formatFinding, type Verdict } from "../message-log/verdict.ts";
import { type LogDefect, type LogFinding, verifyMessageLog } from "../message-log/verify.ts";
import { verifyDirectory } from "../message-log/verify-directory.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { lookInto } from "./data.ts";

export interface VerifyOptions {
  readonly key?: readonly string[] | undefined;
  readonly witness?: readonly string[] | undefined;
  readonly checkpoint?: readonly string[] | undefined;
}

/** Neighbours with the same defect together: a thousand missing entries are one line. */
function inRanges(findings: readonly LogFinding[]): { first: number; last: number; defect: LogDefect }[] {
  const ranges: { first: number; last: number; defect: LogDefect }[] = [];
  for (const { index, defect } of findings) {
    const before = ranges.findLast((range) => range.defect === defect);
    if (before && before.last + 1 === index) before.last = index;
    else ranges.push({ first: index, last: index, defect });
  }
  return ranges;
}

/**
 * `log verify`: computes every hash again, of the message log or of a bundle.
 * @returns the exit code: 0 when nothing is wrong
 */
export async function logVerify(
  context: CommandContext,
  bundle: string | undefined,
  options: VerifyOptions = {},
): Promise<number> {
  if (bundle !== undefined) return verifyIn(context, bundle, options);
  const { entries, findings } = await lookInto(context.config(), (store) => verifyMessageLog(store.messageLog));
  for (const { first, last, defect } of inRanges(findings)) {
    context.print(`${first === last ? `entry ${first}` : `entries ${first} to ${last}`}: ${defect}`);
  }
  context.print(`${entries} entries, ${findings.length} defects`);
  return findings.length === 0 ? 0 : 1;
}

async function verifyIn(context: CommandContext, bundle: string, options: VerifyOptions): Promise<number> {
  if (!existsSync(bundle)) throw new UsageError(`there is no directory ${bundle}`);
  const verdict = await verifyDirectory(bundle.replace(/\/+$/, ""), trustOf(options));
  for (const line of linesOf(verdict)) context.print(line);
  return verdict.findings.length === 0 ? 0 : 1;
}

/** @throws UsageError */
function trustOf({ key = [], witness = [], checkpoint = [] }: VerifyOptions): Trust {
  try {
    return {
      keys: key.map(parseVerifierKey),
      witnesses: witness.map(parseVerifierKey),
      checkpoints: checkpoint.map((name) => ({ name, note: readFileSync(name, "utf8") })),
    };
  } catch (error) {
    if (error instanceof NoteError || (error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new UsageError((error as Error).message);
    }
    throw error;
  }
}

/** The verdict in words: what is wrong, then what it was held against. */
function linesOf({ findings, head, entries, signedBy, isKeyFromBundle }: Verdict): string[] {
  const lines = findings.map(formatFinding);
  if (head) lines.push(`log ${head.origin}, ${head.size} entries, root ${Buffer.from(head.root).toString("hex")}`);
  for (const key of signedBy) lines.push(`signed by ${key}`);
  if (isKeyFromBundle && signedBy.length > 0) {
    lines.push("the key came from the bundle: this proves only that it agrees with itself; give the key with --key");
  }
  lines.push(
    `${entries} entries verified, ${findings.length} defects: ${findings.length === 0 ? "accepted" : "REFUSED"}`,
  );
  return lines;
}
