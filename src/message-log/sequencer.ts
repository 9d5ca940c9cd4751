import type { Clock } from "../lib/clock.ts";
import { repeat } from "../lib/repeat.ts";
import type { MessageLogStore } from "../store/message-log.ts";

const EVERY_MS = 1_000;
const AT_A_TIME = 500;

/**
 * Puts entries in sequence as they come, until the returned function is called. One party at a time does it: see the
 * lease of the task. A store with a single writer has nothing left to be put in sequence.
 */
export function startSequencer(
  log: Pick<MessageLogStore, "sequence">,
  clock: Clock,
  onError: (error: unknown) => void,
): () => Promise<void> {
  const sequence = async () => {
    while ((await log.sequence(AT_A_TIME)) === AT_A_TIME);
  };
  return repeat(clock, EVERY_MS, sequence, onError);
}
