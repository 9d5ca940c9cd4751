import * as z from "zod";
import type { OperationContext } from "./execution.ts";
import { MOST_LOOKS, Patience } from "./patience.ts";
import type { SentNote } from "./sent-once.ts";
import { parseStamp, stampMs } from "./stamp.ts";

/** Boot times that are less apart are one: meters reckon them anew each time. */
const SAME_BOOT_MS = 1000;

const bootAnswer = z.looseObject({ time: z.string() });

/** By what one knows that a meter has started anew. */
export interface Boot {
  /** Milliseconds since 1970 by the meter's clock; undefined when it does not tell. */
  readonly bootMs?: number | undefined;
  readonly uptimeSeconds?: number | undefined;
}

export interface RestartNote extends SentNote {
  readonly boot: Boot;
  readonly looks?: number | undefined;
}

/** When the meter began to run. */
export async function readBoot({ meter }: Pick<OperationContext, "meter">): Promise<Boot> {
  const boot = bootAnswer.safeParse(await meter.result("/sys/boot"));
  const stamp = boot.success ? parseStamp(boot.data.time) : undefined;
  const uptime = Number(await meter.result("/sys/uptime"));
  return {
    ...(stamp !== undefined && { bootMs: stampMs(stamp) }),
    ...(Number.isFinite(uptime) && { uptimeSeconds: uptime }),
  };
}

function isAnother(now: Boot, before: Boot): boolean {
  if (
    now.uptimeSeconds !== undefined &&
    before.uptimeSeconds !== undefined &&
    now.uptimeSeconds < before.uptimeSeconds
  ) {
    return true;
  }
  return now.bootMs !== undefined && before.bootMs !== undefined && Math.abs(now.bootMs - before.bootMs) > SAME_BOOT_MS;
}

/** What a look at a meter that starts anew shows. `locked`: it is there and does not know us any more. */
export type Seen = Boot | "away" | "locked";

async function lookAt(context: Pick<OperationContext, "meter">): Promise<Seen> {
  const { meter } = context;
  try {
    return await readBoot(context);
  } catch (error) {
    if (error !== meter.failure) throw error;
    return meter.failure?.code === "AUTHENTICATION_ERROR" ? "locked" : "away";
  }
}

/**
 * Looks until the meter has started anew, in this run and in later ones; a meter that is away is waited for.
 * @param most looks after which a meter that is there is not about to start anew
 * @returns its new boot; `same` when it runs as before, `locked` when it does not know us any more, `away` when it did not
 * come back within an hour
 * @throws Snooze
 */
export async function awaitRestart(
  context: OperationContext,
  note: RestartNote,
  most: number,
): Promise<Boot | "same" | "locked" | "away"> {
  const patience = new Patience(context);
  for (let looks = note.looks ?? 0; ; looks++) {
    const seen = await lookAt(context);
    if (seen === "locked") return "locked";
    if (seen !== "away" && isAnother(seen, note.boot)) return seen;
    if (looks >= (seen === "away" ? MOST_LOOKS : most)) return seen === "away" ? "away" : "same";
    await patience.pause(looks, { ...note, looks: looks + 1 });
  }
}
