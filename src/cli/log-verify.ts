import { verifyMessageLog } from "../message-log/verify.ts";
import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";

/**
 * `log verify`: computes every hash of the message log again.
 * @returns the exit code: 0 when nothing is wrong
 */
export async function logVerify(context: CommandContext): Promise<number> {
  const { entries, findings } = await lookInto(context.config(), (store) => verifyMessageLog(store.messageLog));
  for (const { index, defect } of findings) context.print(`entry ${index}: ${defect}`);
  context.print(`${entries} entries, ${findings.length} defects`);
  return findings.length === 0 ? 0 : 1;
}
