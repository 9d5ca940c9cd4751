import { systemClock } from "../lib/clock.ts";
import { ownEntry } from "../message-log/key-list.ts";
import { HOLD_ENDED } from "../message-log/retention.ts";
import { type CommandContext, UsageError } from "./context.ts";
import { lookInto, withStore } from "./data.ts";
import { commandEvidence } from "./operator.ts";
import { formatTable } from "./table.ts";

export interface HoldOptions {
  readonly reason: string;
  readonly organisation?: string | undefined;
  readonly device?: string | undefined;
  readonly uid?: string | undefined;
}

/** `log hold add`: keeps payloads from being erased. */
export async function logHoldAdd(context: CommandContext, name: string, options: HoldOptions): Promise<void> {
  const { reason, organisation, device, uid: correlationUid } = options;
  const hold = { name, reason, sinceMs: systemClock.now(), organisation, device, correlationUid };
  const evidence = commandEvidence("log hold add", { ...hold }, device);
  await withStore(context.config(), ({ messageLog }) => messageLog.putHold(hold, evidence));
  context.print(`${name} holds`);
}

/** `log hold remove`: what was held may be erased again. @throws UsageError when there is no such hold */
export async function logHoldRemove(context: CommandContext, name: string): Promise<void> {
  const evidence = [...commandEvidence("log hold remove", { name }), ownEntry(HOLD_ENDED, {}, systemClock.now())];
  const isRemoved = await withStore(context.config(), ({ messageLog }) => messageLog.removeHold(name, evidence));
  if (!isRemoved) throw new UsageError(`there is no hold ${name}`);
  context.print(`${name} holds no more`);
}

/** `log hold list`: prints the holds. */
export async function logHoldList(context: CommandContext): Promise<void> {
  const holds = await lookInto(context.config(), ({ messageLog }) => messageLog.holds());
  const rows = holds.map(({ name, reason, sinceMs, organisation = "", device = "", correlationUid = "" }) => [
    ...[name, new Date(sinceMs).toISOString(), organisation, device, correlationUid, reason],
  ]);
  context.print(formatTable([["hold", "since", "organisation", "device", "correlation UID", "reason"], ...rows]));
}
