import type { MeterEvent } from "../../../operations/events.ts";
import { findEvents } from "../../../operations/management/find-events.ts";
import { type Alert, readAlerts, SETTINGS_CHANGED } from "../alerts.ts";
import { execution } from "../execution.ts";

const LOG = "STANDARD_EVENT_LOG";

/** An alert stands for all times that something happened, of which the meter knows the first and the last. */
function eventsOf({ id, prio, count, first, last, name, detail }: Alert): MeterEvent[] {
  const details = Object.entries({ id, name, detail, priority: prio?.toString() ?? "", count: String(count) });
  const times = count > 1 && first !== undefined && first < last ? [first, last] : [last];
  return times.map((timeMs) => ({
    // The meter has names and no numbers.
    ...{ timeMs, code: 0, log: LOG, type: id === SETTINGS_CHANGED ? "CONFIGURATION_CHANGE" : "UNKNOWN_EVENT_HEADEND" },
    details: details.filter(([, value]) => value !== "").map(([key, value]) => ({ name: key, value })),
  }));
}

/** The meter's log of alerts, which is the only one that it has. */
export const findEventsExecution = execution(findEvents, {
  missing(_, request) {
    const other = request?.queries.find(({ log }) => log !== LOG);
    return other && `eGauge meters have one log, of their alerts, which is told as ${LOG}; they have no ${other.log}`;
  },
  async run(context, { queries }) {
    const events = (await readAlerts(context)).flatMap(eventsOf).sort((a, b) => a.timeMs - b.timeMs);
    const isWanted = ({ timeMs }: MeterEvent) =>
      queries.some(({ fromMs, untilMs }) => timeMs >= fromMs && timeMs <= untilMs);
    return { events: events.filter(isWanted) };
  },
});
