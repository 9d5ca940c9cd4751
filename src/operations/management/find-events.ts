import { refuse } from "../checks.ts";
import type { EventLog, MeterEvent } from "../events.ts";
import { defineOperation } from "../operation.ts";

/** What is looked for in one log: epoch milliseconds, both ends included. */
export interface EventQuery {
  readonly log: EventLog;
  readonly fromMs: number;
  readonly untilMs: number;
}

export const findEvents = defineOperation<
  { readonly queries: readonly EventQuery[] },
  { readonly events: readonly MeterEvent[] }
>({
  name: "FindEvents",
  group: "MANAGEMENT",
  effect: "reads",
  notification: "FIND_EVENTS",
  failure: "fault",
  check({ queries }) {
    for (const { log, fromMs, untilMs } of queries) {
      if (fromMs < untilMs) continue;
      const [from, until] = [fromMs, untilMs].map((timeMs) => new Date(timeMs).toISOString());
      refuse(`From must be before Until; for ${log} they are ${from} and ${until}`);
    }
  },
});
