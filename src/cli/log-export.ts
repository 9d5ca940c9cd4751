import { readFileSync } from "node:fs";
import { writeBundle } from "../message-log/bundle-writer.ts";
import type { MessageLogStore } from "../store/message-log.ts";
import type { CommandContext } from "./context.ts";
import { lookInto } from "./data.ts";

export interface RangeOptions {
  /** A time or an index. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly organisation?: string | undefined;
  readonly device?: string | undefined;
}

export interface ExportOptions extends RangeOptions {
  readonly uid?: string | undefined;
  readonly checkpoint?: readonly string[] | undefined;
  readonly output: string;
}

/** The index of the first entry that is not before a time, or the index that is meant. */
export async function indexOf(log: MessageLogStore, place: string | undefined, from = 0): Promise<number | undefined> {
  if (place === undefined) return undefined;
  if (/^\d+$/.test(place)) return Number(place);
  const [entry] = await log.find({ fromMs: Date.parse(place) }, from, 1);
  return entry ? entry.leaf.index : log.size();
}

/** `log export`: writes a bundle. @throws BundleError */
export async function logExport(context: CommandContext, options: ExportOptions): Promise<void> {
  const { organisation, device, uid, output, checkpoint = [] } = options;
  const checkpoints = checkpoint.map((file) => readFileSync(file, "utf8"));
  await lookInto(context.config(), async ({ messageLog }) => {
    const from = await indexOf(messageLog, options.from);
    const to = await indexOf(messageLog, options.to, from);
    const selection = { from, to, organisation, device, uid, checkpoints };
    const { entries, checkpoint } = await writeBundle(messageLog, output, selection);
    const { sequenced } = await messageLog.positions();
    context.print(`${entries} entries of ${checkpoint.size} that the latest checkpoint covers, in ${output}`);
    if (sequenced > checkpoint.size) context.print(`${sequenced - checkpoint.size} entries are newer and not in it`);
  });
}
