import { LogKeys } from "../devices/log-keys.ts";
import { systemRandom } from "../lib/random.ts";
import { parseCheckpoint } from "../message-log/checkpoint.ts";
import { formatVerifierKey, signatureOf } from "../message-log/note.ts";
import { logPaths } from "../message-log/settings.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { lookInto, withStore } from "./data.ts";
import { commandEvidence } from "./operator.ts";

/** `log key add`: adds a key; the service announces it in the log and signs with both. @throws MetergateError */
export async function logKeyAdd(context: CommandContext): Promise<void> {
  const config = context.config();
  const keys = LogKeys.existing(logPaths(config).keyFile);
  await withStore(config, async ({ messageLog }) => {
    const key = formatVerifierKey(keys.add(systemRandom).key);
    await messageLog.append(commandEvidence("log key add", { key }));
    context.print(`${key} signs beside the older key from the next checkpoint on`);
  });
}

/**
 * `log key retire`: takes the older key away. Before, there must be a checkpoint that both signed: whoever knows only the
 * older key gets to the newer one by it.
 * @throws UsageError, MetergateError
 */
export async function logKeyRetire(context: CommandContext): Promise<void> {
  const config = context.config();
  const keys = LogKeys.existing(logPaths(config).keyFile);
  const [, newer] = keys.signers();
  if (newer) {
    const latest = await lookInto(config, ({ messageLog }) => messageLog.checkpointUpTo(Number.MAX_SAFE_INTEGER));
    if (!latest || !signatureOf(parseCheckpoint(latest.note).note, newer.key)) {
      throw new UsageError("the newer key has signed no checkpoint yet; the service must run for a minute first");
    }
  }
  await withStore(config, async ({ messageLog }) => {
    const key = formatVerifierKey(keys.retire().key);
    await messageLog.append(commandEvidence("log key retire", { key }));
    context.print(`${key} signs no more`);
  });
}
