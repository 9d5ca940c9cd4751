import type { Clock } from "../lib/clock.ts";
import { repeat } from "../lib/repeat.ts";
import type { MessageLogStore } from "../store/message-log.ts";

const EVERY_MS = 1_000;
/** Entries in one transaction: what holds up a caller who wants to write meanwhile. */
const AT_A_TIME = 500;

/** Puts in sequence what has no place yet, and takes it into the tree. */
export async function growLog(log: Pick<MessageLogStore, "sequence" | "integrate">): Promise<void> {
  while ((await log.sequence(AT_A_TIME)) === AT_A_TIME);
  while ((await log.integrate(AT_A_TIME)) === AT_A_TIME);
}

/**
 * Puts entries in sequence and into the tree as they come, until the returned function is called. One party at a time
 * does it: see the lease of the task.
 */
export function startSequencer(
  log: Pick<MessageLogStore, "sequence" | "integrate">,
  clock: Clock,
  onError: (error: unknown) => void,
): () => Promise<void> {
  return repeat(clock, EVERY_MS, () => growLog(log), onError);
}
