import type { ClockConfiguration } from "../../operations/configuration/set-clock-configuration.ts";
import { daysOf, NOT_YEARLY, type YearlyChange, yearlyDaylightSaving } from "../../operations/yearly-change.ts";

const HOUR_MINUTES = 60;

/** A time zone in the words of POSIX, or why it cannot be said in them. */
export type PosixZone = { readonly zone: string } | { readonly why: string };

/**
 * A clock's configuration as the meter's text: `STD-1DST,M3.5.0/2,M10.5.0/3`. Both count minutes from local time to UTC, so
 * that signs are the same. POSIX moves clocks by an hour where nothing else is said.
 */
export function posixZone(configuration: ClockConfiguration): PosixZone {
  const { timeZoneOffsetMinutes: standard, daylightSavingsEnabled } = configuration;
  const zone = `STD${offsetText(standard)}`;
  if (!daylightSavingsEnabled) return { zone };
  const saving = yearlyDaylightSaving(configuration);
  if (!saving) return { why: NOT_YEARLY };
  const [beginRule, endRule] = [saving.begin, saving.end].map(ruleText);
  if (beginRule === undefined || endRule === undefined) {
    return { why: "eGauge meters change clocks on a day of a week of a month, or on a date, which is not February 29" };
  }
  const summer = saving.deviationMinutes;
  const offset = summer === standard - HOUR_MINUTES ? "" : offsetText(summer);
  return { zone: `${zone}DST${offset},${beginRule},${endRule}` };
}

function offsetText(minutes: number): string {
  const [hours, rest] = [Math.floor(Math.abs(minutes) / HOUR_MINUTES), Math.abs(minutes) % HOUR_MINUTES];
  return `${minutes < 0 ? "-" : ""}${hours}${rest === 0 ? "" : `:${String(rest).padStart(2, "0")}`}`;
}

/** `M3.5.0/2`: month, week of which the last is 5, day with Sunday 0. `J60/2`: day of the year, without February 29. */
function ruleText(change: YearlyChange): string | undefined {
  const { month, day, weekday, secondOfDay } = change;
  const time = timeText(secondOfDay);
  if (weekday !== undefined) {
    const week = day === "last" ? 5 : (day + 6) / 7;
    return Number.isInteger(week) ? `M${month}.${week}.${weekday % 7}/${time}` : undefined;
  }
  if (day === "last" && month === 2) return undefined;
  const date = day === "last" ? daysOf(month) : day;
  const before = Array.from({ length: month - 1 }, (_, i) => daysOf(i + 1)).reduce((sum, days) => sum + days, 0);
  return `J${before + date}/${time}`;
}

function timeText(secondOfDay: number): string {
  const parts = [Math.floor(secondOfDay / 3600), Math.floor((secondOfDay % 3600) / 60), secondOfDay % 60];
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop();
  return parts.map((part, i) => (i === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
