import type { MeterEvent } from "../../../operations/events.ts";
import { findEvents } from "../../../operations/management/find-events.ts";
import { execution, missingObject } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { EventLogReader } from "../readings/event-log.ts";
import { readBuffer } from "./profile-buffer.ts";

export const findEventsExecution = execution(findEvents, {
  missing: (profile, request) =>
    request?.queries.map(({ log }) => missingObject(profile, log)).find((reason) => reason !== undefined),
  async run({ meter, profile, device }, { queries }) {
    // Before the first of them is asked for: a log that the version lacks costs no connection.
    const logs = queries.map(({ log }) => attributeOf(findObject(profile, log), 2));
    const events: MeterEvent[] = [];
    for (const [i, { log, fromMs, untilMs }] of queries.entries()) {
      const reader = new EventLogReader(log, profile.protocol, device.timezone);
      const range = { fromMs, untilMs, timeZone: device.timezone };
      for (const entry of await readBuffer(meter, logs[i]!, range)) {
        const event = reader.add(entry);
        if (!event) continue;
        const { time, ...rest } = event;
        // Meters send more than was asked for.
        if (time.epochMs >= fromMs && time.epochMs <= untilMs) events.push({ timeMs: time.epochMs, ...rest, log });
      }
    }
    return { events };
  },
});
