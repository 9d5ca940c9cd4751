import { type Clock, since, sleep } from "../lib/clock.ts";
import { repeat } from "../lib/repeat.ts";
import type { MessageLogStore } from "../store/message-log.ts";
import { ownEntry } from "./key-list.ts";
import { type LogReport, verifyMessageLog } from "./verify.ts";

/** Operation of the entry that says that the service verified the log, and what it found. */
export const VERIFIED = "verified";

export interface VerifyTaskParts {
  readonly log: MessageLogStore;
  readonly clock: Clock;
  readonly everyMs: number;
  readonly onReport: (report: LogReport) => void;
  readonly onError: (error: unknown) => void;
}

/**
 * Verifies the whole log now and then, and has the log say when and with what outcome. Between two portions it rests for
 * as long as the last one took: requests come first.
 * @returns what ends it
 */
export function startVerifying({ log, clock, everyMs, onReport, onError }: VerifyTaskParts): () => Promise<void> {
  const stopping = new AbortController();
  const verify = async () => {
    // Not at the start: everybody has enough to do then.
    await sleep(clock, Math.min(everyMs, 60_000), stopping.signal);
    let startedAt = clock.elapsed();
    const report = await verifyMessageLog(log, async () => {
      await sleep(clock, since(clock, startedAt), stopping.signal);
      startedAt = clock.elapsed();
      return !stopping.signal.aborted;
    });
    if (stopping.signal.aborted) return;
    onReport(report);
    const { entries, findings } = report;
    await log.append([ownEntry(VERIFIED, { entries, defects: findings.length, first: findings[0] }, clock.now())]);
  };
  const stop = repeat(clock, everyMs, verify, onError);
  return () => {
    stopping.abort();
    return stop();
  };
}
