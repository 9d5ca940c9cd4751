import { type Clock, sleep } from "./clock.ts";

/**
 * Does something now, and again `everyMs` milliseconds after each time it ended, until the returned function is called,
 * which resolves when what is under way has ended.
 * @param onError told when it failed; the next time comes all the same
 */
export function repeat(
  clock: Clock,
  everyMs: number,
  work: () => unknown,
  onError: (error: unknown) => void,
): () => Promise<void> {
  const stopping = new AbortController();
  const run = async () => {
    for (; !stopping.signal.aborted; await sleep(clock, everyMs, stopping.signal)) {
      try {
        await work();
      } catch (error) {
        onError(error);
      }
    }
  };
  const running = run();
  return () => {
    stopping.abort();
    return running;
  };
}
