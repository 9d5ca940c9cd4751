import type { MeterEvent } from "../../../operations/events.ts";
import { findEvents } from "../../../operations/management/find-events.ts";
import { execution, missingObject } from "../execution.ts";
import { findObject } from "../profiles/index.ts";
import { EventLogReader } from "../readings/event-log.ts";
import { readRange } from "../readings/profile-reader.ts";

export const findEventsExecution = execution(findEvents, {
  missing: (profile, request) =>
    request?.queries.map(({ log }) => missingObject(profile, log)).find((reason) => reason !== undefined),
  async run({ meter, profile, device }, { queries }) {
    // Before the first of them is asked for: a log that the version lacks costs no connection.
    const logs = queries.map(({ log }) => findObject(profile, log));
    const events: MeterEvent[] = [];
    for (const [i, { log, fromMs, untilMs }] of queries.entries()) {
      const reader = new EventLogReader(log, profile.protocol, device.timezone);
      await readRange({ meter, device }, logs[i]!, { beginMs: fromMs, endMs: untilMs }, (entry) => {
        const event = reader.add(entry);
        if (!event) return;
        const { time, ...rest } = event;
        if (time.epochMs >= fromMs && time.epochMs <= untilMs) events.push({ timeMs: time.epochMs, ...rest, log });
      });
    }
    return { events };
  },
});
