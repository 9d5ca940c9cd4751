import type { Meter, StateKey } from "./meter.ts";

/** Codes of what this meter logs itself, as the companion standards number them. */
const EVENT_CODES = {
  POWER_FAILURE: 1,
  POWER_RETURNED: 2,
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

/** Writes an event into a log, with the meter's present time or an earlier one. */
export function logEvent(meter: Meter, log: EventLogName, event: EventName, timeMs?: number): void {
  logCode(meter, log, EVENT_CODES[event], timeMs);
}

/** A failure of the power that is as long or longer has an entry of its own. */
const LONG_FAILURE_SECONDS = 180;

/** The power comes back after so many seconds. */
export function logPowerFailure(meter: Meter, seconds: number): void {
  logEvent(meter, "standard", "POWER_FAILURE", meter.nowMs() - seconds * 1000);
  logEvent(meter, "standard", "POWER_RETURNED");
  // This log has durations where the others have codes.
  if (seconds >= LONG_FAILURE_SECONDS) logCode(meter, "power-failure", seconds);
}

const FIRST_OF_MBUS_KEYS = 0x80a0;
const CODES_PER_CHANNEL = 0x100;

/** A key went to the device on an M-Bus channel, and the device took it or did not. */
export function logMbusKey(meter: Meter, channel: number, isTaken: boolean): void {
  const sent = FIRST_OF_MBUS_KEYS + (channel - 1) * CODES_PER_CHANNEL;
  logCode(meter, "auxiliary", sent);
  if (isTaken) logCode(meter, "auxiliary", sent + 1);
}

function logCode(meter: Meter, log: EventLogName, code: number, timeMs = meter.nowMs()): void {
  const events = meter.state(RECORDED);
  const list = events.get(log) ?? [];
  if (list.length === MOST_EVENTS) list.shift();
  list.push({ timeMs, code });
  events.set(log, list);
}

/** What was logged since the simulation began, oldest first. */
export function recordedEvents(meter: Meter, log: EventLogName): readonly LoggedEvent[] {
  return meter.state(RECORDED).get(log) ?? [];
}
