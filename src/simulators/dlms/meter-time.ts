import { CLOCK_STATUS, type CosemDateTime, decodeDateTime, encodeDateTime } from "../../dlms/date-time.ts";
import { DlmsError } from "../../dlms/errors.ts";

/** How a meter's clock relates local time to UTC: attributes 3, 5, 6, 7 and 8 of the clock object. */
export interface ZoneRules {
  /** Minutes from local standard time to UTC: −60 for Central Europe. */
  readonly timeZoneMinutes: number;
  /** 12 octets, with wildcards: the local moment at which daylight saving begins, each year when the year is a wildcard. */
  readonly daylightSavingsBegin: Uint8Array;
  readonly daylightSavingsEnd: Uint8Array;
  /** Minutes by which the clock is put forward, −120 … 120. */
  readonly daylightSavingsDeviationMinutes: number;
  readonly daylightSavingsEnabled: boolean;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The parts of a date-time; null when the octets are none. */
export function readDateTime(bytes: Uint8Array): CosemDateTime | null {
  try {
    return decodeDateTime(bytes);
  } catch (error) {
    if (error instanceof DlmsError) return null;
    throw error;
  }
}

/** True when all of year, month, day and hour are wildcards: such a date-time switches an automatism off. */
export function isUnspecified(parts: CosemDateTime): boolean {
  return parts.year === undefined && parts.month === undefined && parts.day === undefined && parts.hour === undefined;
}

/**
 * The moment that a date-time names, in epoch milliseconds; its own deviation counts, else the rules'.
 * Null when date or time has a wildcard.
 */
export function instantOf(parts: CosemDateTime, rules: ZoneRules): number | null {
  const { year, month, day, hour, minute, second } = parts;
  if (year === undefined || typeof month !== "number" || typeof day !== "number") return null;
  if (hour === undefined || minute === undefined || second === undefined) return null;
  const localMs = Date.UTC(year, month - 1, day, hour, minute, second, (parts.hundredths ?? 0) * 10);
  if (new Date(localMs).getUTCDate() !== day) return null;
  if (parts.deviationMinutes !== undefined) return localMs + parts.deviationMinutes * MINUTE_MS;
  const standardMs = localMs + rules.timeZoneMinutes * MINUTE_MS;
  const summerMs = standardMs - rules.daylightSavingsDeviationMinutes * MINUTE_MS;
  return isDaylightSaving(summerMs, rules) ? summerMs : standardMs;
}

/** Whether daylight saving is in effect at a moment given in epoch milliseconds. */
function isDaylightSaving(atMs: number, rules: ZoneRules): boolean {
  if (!rules.daylightSavingsEnabled) return false;
  const year = new Date(atMs - rules.timeZoneMinutes * MINUTE_MS).getUTCFullYear();
  const summerMinutes = rules.timeZoneMinutes - rules.daylightSavingsDeviationMinutes;
  const beginMs = transitionMs(rules.daylightSavingsBegin, year, rules.timeZoneMinutes);
  const endMs = transitionMs(rules.daylightSavingsEnd, year, summerMinutes);
  if (beginMs === null || endMs === null) return false;
  // South of the equator the summer contains the turn of the year.
  return beginMs < endMs ? atMs >= beginMs && atMs < endMs : atMs >= beginMs || atMs < endMs;
}

/** By the octets that a clock holds; every time that a meter tells asks for two of them. */
const transitions = new WeakMap<Uint8Array, Map<string, number | null>>();

function transitionMs(bytes: Uint8Array, year: number, defaultDeviationMinutes: number): number | null {
  const known = transitions.get(bytes) ?? new Map<string, number | null>();
  transitions.set(bytes, known);
  const key = `${year}/${defaultDeviationMinutes}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const found = findTransitionMs(bytes, year, defaultDeviationMinutes);
  known.set(key, found);
  return found;
}

function findTransitionMs(bytes: Uint8Array, year: number, defaultDeviationMinutes: number): number | null {
  const parts = readDateTime(bytes);
  if (!parts || (parts.year !== undefined && parts.year !== year)) return null;
  if (typeof parts.month !== "number" || parts.day === undefined) return null;
  const dayMs = dayOfYearMs(year, parts.month, parts.day, parts.dayOfWeek);
  const timeMs = ((parts.hour ?? 0) * 60 + (parts.minute ?? 0)) * MINUTE_MS + (parts.second ?? 0) * 1000;
  return dayMs + timeMs + (parts.deviationMinutes ?? defaultDeviationMinutes) * MINUTE_MS;
}

/** With a day of the week, "last" means the last such weekday of the month, and a number the first one from that day. */
function dayOfYearMs(
  year: number,
  month: number,
  day: number | "last" | "second-last",
  dayOfWeek: number | undefined,
): number {
  const fromEnd = day === "last" ? 0 : -1;
  const dayMs = typeof day === "number" ? Date.UTC(year, month - 1, day) : Date.UTC(year, month, fromEnd);
  if (dayOfWeek === undefined) return dayMs;
  const found = new Date(dayMs).getUTCDay() || 7;
  const steps = typeof day === "number" ? (dayOfWeek - found + 7) % 7 : -((found - dayOfWeek + 7) % 7);
  return dayMs + steps * DAY_MS;
}

/** Minutes from local time to UTC at a moment: −60 in winter and −120 in summer for Central Europe. */
export function deviationAt(atMs: number, rules: ZoneRules): number {
  const summer = isDaylightSaving(atMs, rules);
  return rules.timeZoneMinutes - (summer ? rules.daylightSavingsDeviationMinutes : 0);
}

/** The 12 octets that a meter shows at a moment in epoch milliseconds. */
export function dateTimeAt(atMs: number, rules: ZoneRules): Uint8Array {
  const deviationMinutes = deviationAt(atMs, rules);
  const local = new Date(atMs - deviationMinutes * MINUTE_MS);
  return encodeDateTime({
    year: local.getUTCFullYear(),
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    dayOfWeek: local.getUTCDay() || 7,
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    hundredths: Math.floor(local.getUTCMilliseconds() / 10),
    deviationMinutes,
    clockStatus: deviationMinutes === rules.timeZoneMinutes ? 0 : CLOCK_STATUS.daylightSavingActive,
  });
}
