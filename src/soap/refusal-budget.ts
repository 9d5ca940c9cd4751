import { type Clock, type Elapsed, plus } from "../lib/clock.ts";
import type { Logger } from "../lib/logger.ts";

/** Refused messages that one source gets into the log within the window: a stranger, or an organisation that sends too much. */
const MESSAGES_PER_WINDOW = 120;
const WINDOW_MS = 60_000;
/** Sources that are counted at once; when there are more, counting starts again. */
const MOST_SOURCES = 100_000;

/** Bounds what refusals can write into a log that is kept for good. They are answered all the same. */
export class RefusalBudget {
  readonly #clock: Clock;
  readonly #logger: Pick<Logger, "debug" | "warn" | "error">;
  #windowEnds: Elapsed;
  #counts = new Map<string, number>();

  constructor(clock: Clock, logger: Pick<Logger, "debug" | "warn" | "error">) {
    this.#clock = clock;
    this.#logger = logger;
    this.#windowEnds = plus(clock.elapsed(), WINDOW_MS);
  }

  /** Whether one more message of this source is logged. */
  allows(source: string): boolean {
    const now = this.#clock.elapsed();
    if (now >= this.#windowEnds || this.#counts.size >= MOST_SOURCES) {
      this.#counts = new Map();
      this.#windowEnds = plus(now, WINDOW_MS);
    }
    const count = (this.#counts.get(source) ?? 0) + 1;
    this.#counts.set(source, count);
    if (count === MESSAGES_PER_WINDOW + 1) {
      this.#logger.warn({ source }, "more refused messages come from here than are logged");
    }
    return count <= MESSAGES_PER_WINDOW;
  }
}
