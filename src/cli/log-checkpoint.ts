import { KeyList, ownEntries } from "../message-log/key-list.ts";
import { VERIFIED } from "../message-log/verify-task.ts";
import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";

/** `log checkpoint`: prints what an auditor takes home: the latest checkpoint and the keys; and how far the log has come. */
export async function logCheckpoint(context: CommandContext): Promise<void> {
  await lookInto(context.config(), async ({ messageLog }) => {
    const { sequenced, integrated, signed } = await messageLog.positions();
    const checkpoint = await messageLog.checkpointUpTo(signed);
    context.print(checkpoint ? checkpoint.note : "no checkpoint was made yet\n");
    for (const [key, state] of await new KeyList().read(messageLog)) context.print(`key ${key} (${state})`);
    context.print(`${sequenced} entries in sequence, ${integrated} in the tree, ${signed} covered by a checkpoint`);
    let verified = "never";
    for await (const { leaf, stored } of ownEntries(messageLog)) {
      if (leaf.operation !== VERIFIED) continue;
      verified = `${new Date(leaf.timeMs).toISOString()} ${Buffer.from(stored ?? []).toString()}`;
    }
    context.print(`verified by the service: ${verified}`);
  });
}
