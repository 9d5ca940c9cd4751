import { Snooze } from "../../domain/adapter.ts";
import { MetergateError } from "../../domain/errors.ts";
import { sleep } from "../../lib/clock.ts";
import type { OperationContext } from "./execution.ts";

/** How long a run waits by itself; afterwards its place is for others, and it comes back. */
const WAITED_IN_A_RUN_MS = 10_000;
const LONGEST_PAUSE_MS = 10_000;
/** Looks at something that takes its time: an hour, nearly all of them ten seconds apart. No clock that is set counts. */
export const MOST_LOOKS = 360;

/** The pauses between looks: in the run as long as they are short, and in later runs when it takes longer. */
export class Patience {
  readonly #context: OperationContext;
  #waitedMs = 0;

  constructor(context: OperationContext) {
    this.#context = context;
  }

  /**
   * Waits before the next look.
   * @param looks that there were before, in all runs
   * @param note what the next run has to know if it is not this one that looks again
   * @throws Snooze
   */
  async pause(looks: number, note: object): Promise<void> {
    const { clock, signal, pollMs } = this.#context;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, pollMs * 2 ** Math.min(looks, 20));
    if (this.#waitedMs + pauseMs >= WAITED_IN_A_RUN_MS) {
      await this.#context.note(note);
      throw new Snooze(pauseMs, "the meter takes its time");
    }
    this.#waitedMs += pauseMs;
    await sleep(clock, pauseMs, signal);
    if (signal.aborted) throw new MetergateError("CONNECTION_ERROR", "the run was aborted");
  }
}
