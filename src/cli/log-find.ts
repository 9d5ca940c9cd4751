import { LOG_CLASSES, type LogClass } from "../domain/log-leaf.ts";
import type { LoggedEntry } from "../store/message-log.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { lookInto } from "./data.ts";
import { indexOf, type RangeOptions } from "./log-export.ts";

export interface FindOptions extends RangeOptions {
  readonly class?: string | undefined;
}

const AT_A_TIME = 500;

function headOf({ leaf, stored }: LoggedEntry): string {
  const { index, timeMs, organisation, service, operation, device, correlationUid, direction } = leaf;
  const parts = [String(index), new Date(timeMs).toISOString(), leaf.class, direction, organisation, device, service];
  const size = stored ? `${stored.length} octets` : "erased";
  return [...parts, operation, correlationUid, size].filter((part) => part !== "").join("  ");
}

/** Octets as text when they are that, otherwise in hexadecimal. */
function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return Buffer.from(bytes).toString("hex");
  }
}

/** `log find`: prints a line for each entry that fits. @throws UsageError */
export async function logFind(context: CommandContext, options: FindOptions): Promise<void> {
  const { organisation, device } = options;
  const name = LOG_CLASSES.find((each) => each === options.class) as LogClass | undefined;
  if (options.class !== undefined && !name)
    throw new UsageError(`there is no class ${options.class}: ${LOG_CLASSES.join(", ")}`);
  await lookInto(context.config(), async ({ messageLog }) => {
    const from = (await indexOf(messageLog, options.from)) ?? 0;
    const to = await indexOf(messageLog, options.to, from);
    for (let next = from; ; ) {
      const entries = await messageLog.find({ class: name, organisation, device, to }, next, AT_A_TIME);
      for (const entry of entries) context.print(headOf(entry));
      if (entries.length < AT_A_TIME) return;
      next = entries.at(-1)!.leaf.index + 1;
    }
  });
}

/**
 * `log show`: prints the entries of a request, or one entry.
 * @returns the exit code: 1 when there is none
 */
export async function logShow(context: CommandContext, entry: string): Promise<number> {
  const entries = await lookInto(context.config(), ({ messageLog }) =>
    /^\d{1,15}$/.test(entry)
      ? messageLog.read(Number(entry), 1).then((found) => found.filter(({ leaf }) => leaf.index === Number(entry)))
      : messageLog.find({ correlationUid: entry }, 0, AT_A_TIME),
  );
  for (const each of entries) {
    context.print(headOf(each));
    const { bodyHash, redactions } = each.leaf;
    if (redactions > 0 && each.originalSalt) {
      const salt = Buffer.from(each.originalSalt).toString("hex");
      context.print(`secrets were replaced; SHA-256 over ${salt} and the message as it was is ${bodyHash}`);
    }
    context.print(`${each.stored ? textOf(each.stored) : "its payload was erased"}\n`);
  }
  if (entries.length === 0) context.print(`there is no entry ${entry}`);
  return entries.length === 0 ? 1 : 0;
}
