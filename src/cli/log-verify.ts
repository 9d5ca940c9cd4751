import { type LogDefect, type LogFinding, verifyMessageLog } from "../message-log/verify.ts";
import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";

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
 * `log verify`: computes every hash of the message log again.
 * @returns the exit code: 0 when nothing is wrong
 */
export async function logVerify(context: CommandContext): Promise<number> {
  const { entries, findings } = await lookInto(context.config(), (store) => verifyMessageLog(store.messageLog));
  for (const { first, last, defect } of inRanges(findings)) {
    context.print(`${first === last ? `entry ${first}` : `entries ${first} to ${last}`}: ${defect}`);
  }
  context.print(`${entries} entries, ${findings.length} defects`);
  return findings.length === 0 ? 0 : 1;
}
