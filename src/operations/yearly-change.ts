import { fromHex } from "../lib/bytes.ts";
import type { ClockConfiguration } from "./configuration/set-clock-configuration.ts";
import type { CosemDateTimeHex } from "./values.ts";

/** A change of the clocks that comes each year. */
export interface YearlyChange {
  /** 1 … 12 */
  readonly month: number;
  /** Of the month, from 1; "last" counts from its end. */
  readonly day: number | "last";
  /** 1 (Monday) … 7: the first such day from `day` on, or the last of the month. */
  readonly weekday?: number | undefined;
  /** By the clocks before they are changed; 0 … 86399. */
  readonly secondOfDay: number;
  /** Minutes from the local time of that moment to UTC, −60 for CET, where it is told. */
  readonly deviationMinutes?: number | undefined;
}

const ANY = 0xff;
const LAST_DAY = 0xfe;
const NO_DEVIATION = -0x8000;
const MINUTE_MS = 60_000;
/** By how much clocks are changed where nothing is said. */
const SHIFT_MINUTES = 60;

/** Why daylight saving that is not something of every year is refused. */
export const NOT_YEARLY = "daylight saving begins and ends on a day of every year, or it cannot be set";

/** Daylight saving of every year. */
export interface DaylightSaving {
  readonly begin: YearlyChange;
  readonly end: YearlyChange;
  /** Minutes from local time to UTC in between, −120 for CEST. */
  readonly deviationMinutes: number;
}

/** The daylight saving of a clock that has one; undefined when it is not something of every year. */
export function yearlyDaylightSaving(configuration: ClockConfiguration): DaylightSaving | undefined {
  const { daylightSavingsBegin, daylightSavingsEnd, timeZoneOffsetMinutes: standard } = configuration;
  const [begin, end] = [daylightSavingsBegin, daylightSavingsEnd].map(parseYearlyChange);
  if (!begin || !end) return undefined;
  return { begin, end, deviationMinutes: end.deviationMinutes ?? standard - SHIFT_MINUTES };
}

/** Reads a change that comes each year; undefined for a date-time that says something else. */
export function parseYearlyChange(text: CosemDateTimeHex): YearlyChange | undefined {
  const octets = fromHex(text);
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const [month = 0, day = 0, weekday = 0, hour = 0, minute = 0, second = 0] = octets.subarray(2, 8);
  const deviation = view.getInt16(9);
  if (view.getUint16(0) !== 0xffff || month < 1 || month > 12 || hour > 23) return undefined;
  if (day !== LAST_DAY && (day < 1 || day > daysOf(month))) return undefined;
  if (weekday !== ANY && (weekday < 1 || weekday > 7)) return undefined;
  const ofMinute = [minute, second].map((each) => (each === ANY ? 0 : each));
  if (ofMinute.some((each) => each > 59)) return undefined;
  return {
    ...{ month, day: day === LAST_DAY ? "last" : day, secondOfDay: hour * 3600 + ofMinute[0]! * 60 + ofMinute[1]! },
    ...(weekday !== ANY && { weekday }),
    ...(deviation !== NO_DEVIATION && { deviationMinutes: deviation }),
  };
}

/** In a year that is no leap year. */
export function daysOf(month: number): number {
  return new Date(Date.UTC(2001, month, 0)).getUTCDate();
}

/**
 * When a change comes in a year, by the clocks before it.
 * @param deviationMinutes from that local time to UTC
 * @returns epoch milliseconds
 */
export function momentOf({ month, day, weekday, secondOfDay }: YearlyChange, year: number, deviationMinutes: number) {
  const last = new Date(Date.UTC(year, month, 0));
  const from = day === "last" ? last : new Date(Date.UTC(year, month - 1, day));
  // Sunday is 0 there and 7 here.
  const isOn = (date: Date) => weekday === undefined || date.getUTCDay() === weekday % 7;
  while (!isOn(from)) from.setUTCDate(from.getUTCDate() + (day === "last" ? -1 : 1));
  return from.getTime() + secondOfDay * 1000 + deviationMinutes * MINUTE_MS;
}
