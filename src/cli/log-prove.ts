import { formatProof } from "../message-log/proof.ts";
import { proofOf } from "../message-log/tile-loader.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { lookInto } from "./data.ts";

/** `log prove INDEX`: prints the proof that an entry is in the tree. @throws UsageError when no checkpoint covers it */
export async function logProve(context: CommandContext, index: number): Promise<void> {
  await lookInto(context.config(), async ({ messageLog }) => {
    const { signed } = await messageLog.positions();
    const checkpoint = await messageLog.checkpointUpTo(signed);
    if (!checkpoint || index >= checkpoint.size) throw new UsageError(`no checkpoint covers entry ${index} yet`);
    const proof = await proofOf(messageLog, index, checkpoint.size);
    context.print(formatProof({ index, proof, note: checkpoint.note }).trimEnd());
  });
}
