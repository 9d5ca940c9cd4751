import { type Clock, type Elapsed, plus } from "../lib/clock.ts";
import { repeat } from "../lib/repeat.ts";
import type { MessageLogStore } from "../store/message-log.ts";

const EVERY_MS = 1_000;
/** Entries in one transaction: what holds up a caller who wants to write meanwhile. */
const SEQUENCED_AT_A_TIME = 500;
/** Many: the tiles at the edge of the tree are written anew each time, and 16 others by so many entries. */
const INTEGRATED_AT_A_TIME = 4096;
/** How long nothing is published after it failed. */
const PAUSE_MS = 60_000;

/** Puts in sequence what has no place yet, and takes it into the tree. */
export async function growLog(log: Pick<MessageLogStore, "sequence" | "integrate">): Promise<void> {
  while ((await log.sequence(SEQUENCED_AT_A_TIME)) === SEQUENCED_AT_A_TIME);
  while ((await log.integrate(INTEGRATED_AT_A_TIME)) === INTEGRATED_AT_A_TIME);
}

export interface SequencerParts {
  readonly log: Pick<MessageLogStore, "sequence" | "integrate" | "positions">;
  readonly publisher: { publish(): Promise<void>; readonly sinceLastMs: number };
  readonly clock: Clock;
  /** Entries and milliseconds after which a checkpoint is due, whatever comes first. */
  readonly everyEntries: number;
  readonly everyMs: number;
  readonly onError: (error: unknown) => void;
}

/**
 * Puts entries in sequence and into the tree as they come and has checkpoints made, until the returned function is
 * called, which resolves when all that came is covered by one. One party at a time does it: see the lease of the task.
 */
export function startSequencer({ log, publisher, clock, everyEntries, everyMs, onError }: SequencerParts) {
  let pausedUntil: Elapsed | undefined;
  const publish = async () => {
    if (pausedUntil !== undefined && clock.elapsed() < pausedUntil) return;
    try {
      await publisher.publish();
      pausedUntil = undefined;
    } catch (error) {
      pausedUntil = plus(clock.elapsed(), PAUSE_MS);
      onError(error);
    }
  };
  const step = async () => {
    await growLog(log);
    const { integrated, signed } = await log.positions();
    const isDue = integrated - signed >= everyEntries || publisher.sinceLastMs >= everyMs;
    if (integrated > signed && isDue) await publish();
  };
  const stop = repeat(clock, EVERY_MS, step, onError);
  return async () => {
    await stop();
    await growLog(log);
    await publish();
  };
}
