import type { Meter, StateKey } from "./meter.ts";

/** Codes of what this meter logs itself, as the companion standards number them. */
export const EVENT_CODES = {
  CLOCK_ADJUSTED_OLD_TIME: 4,
  CLOCK_ADJUSTED_NEW_TIME: 5,
  TARIFF_ACTIVATED: 9,
  ALARM_REGISTER_CLEARED: 11,
  FIRMWARE_READY_FOR_ACTIVATION: 17,
  FIRMWARE_ACTIVATED: 18,
  PASSIVE_TARIFF_UPDATED: 19,
  FAILED_LOGIN_ATTEMPT: 46,
  CONFIGURATION_CHANGE: 47,
  EVENTLOG_CLEARED: 255,
} as const;
export type EventName = keyof typeof EVENT_CODES;

export type EventLogName =
  | "standard"
  | "fraud"
  | "m-bus"
  | "communication"
  | "power-failure"
  | "power-quality"
  | "auxiliary"
  | "power-quality-extended"
  | "power-quality-thd";

/** What happened, and when by the meter's clock (epoch milliseconds). */
export interface LoggedEvent {
  readonly timeMs: number;
  readonly code: number;
}

/** No log holds more entries than this (the communication session log); older ones go. */
const MOST_EVENTS = 2190;

const RECORDED: StateKey<Map<EventLogName, LoggedEvent[]>> = { create: () => new Map() };

/** Writes an event into a log, with the meter's present time. */
export function logEvent(meter: Meter, log: EventLogName, event: EventName): void {
  const events = meter.state(RECORDED);
  const list = events.get(log) ?? [];
  if (list.length === MOST_EVENTS) list.shift();
  list.push({ timeMs: meter.nowMs(), code: EVENT_CODES[event] });
  events.set(log, list);
}

/** What was logged since the simulation began, oldest first. */
export function recordedEvents(meter: Meter, log: EventLogName): readonly LoggedEvent[] {
  return meter.state(RECORDED).get(log) ?? [];
}
