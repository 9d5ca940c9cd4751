import {
  type CosemDate,
  type CosemDateTime,
  type CosemTime,
  encodeDate,
  encodeDateTime,
  encodeTime,
} from "./date-time.ts";
import { type DlmsError, invalidValue } from "./errors.ts";

/**
 * Text for COSEM dates and times, near to ISO 8601: `2026-03-29/7T02:00:00.00+01:00;status=80`.
 * A field that is not specified is `*`, as in `*-03-last/7T02:00:00`; day of week, hundredths, offset and clock status
 * are left out instead. The month may be `dst-begin` or `dst-end`, the day `last` or `second-last`. The offset is local
 * time minus UTC, so its sign is the opposite of the deviation's. The clock status is in hexadecimal.
 */
export function formatDateTime(value: CosemDateTime): string {
  const status = value.clockStatus === undefined ? "" : `;status=${value.clockStatus.toString(16).padStart(2, "0")}`;
  return `${formatDate(value)}T${formatTime(value)}${formatOffset(value.deviationMinutes)}${status}`;
}

/** The date alone, `2026-03-29/7`. */
export function formatDate(value: CosemDate): string {
  const month = typeof value.month === "string" ? value.month : digits(value.month);
  const day = typeof value.day === "string" ? value.day : digits(value.day);
  const dayOfWeek = value.dayOfWeek === undefined ? "" : `/${value.dayOfWeek}`;
  return `${digits(value.year, 4)}-${month}-${day}${dayOfWeek}`;
}

/** The time alone, `02:00:00.00`. */
export function formatTime(value: CosemTime): string {
  const hundredths = value.hundredths === undefined ? "" : `.${digits(value.hundredths)}`;
  return `${digits(value.hour)}:${digits(value.minute)}:${digits(value.second)}${hundredths}`;
}

function formatOffset(deviationMinutes: number | undefined): string {
  if (deviationMinutes === undefined) return "";
  if (deviationMinutes === 0) return "Z";
  const minutes = Math.abs(deviationMinutes);
  return `${deviationMinutes < 0 ? "+" : "-"}${digits(Math.floor(minutes / 60))}:${digits(minutes % 60)}`;
}

function digits(value: number | undefined, length = 2): string {
  return value === undefined ? "*" : String(value).padStart(length, "0");
}

const DATE = /^(\*|\d{4,5})-(\*|\d\d|dst-begin|dst-end)-(\*|\d\d|last|second-last)(?:\/(\d))?$/;
const TIME = /^(\*|\d\d):(\*|\d\d):(\*|\d\d)(?:\.(\d\d))?$/;
const ZONE = /^(.*?)(Z|[+-]\d\d:\d\d)?(?:;status=([0-9a-f]{2}))?$/;

/**
 * Parses what {@link formatDateTime} writes.
 * @throws DlmsError `local/invalid-value` when the text has another form or a field is out of its range; so do the two below.
 */
export function parseDateTime(text: string): CosemDateTime {
  const split = text.indexOf("T");
  const [, time, offset, status] = ZONE.exec(text.slice(split + 1)) ?? [];
  if (split < 0 || time === undefined) throw unreadable("date-time", text);
  const value: CosemDateTime = {
    ...parseDate(text.slice(0, split)),
    ...parseTime(time),
    deviationMinutes: parseOffset(offset),
    clockStatus: status === undefined ? undefined : Number.parseInt(status, 16),
  };
  encodeDateTime(value);
  return value;
}

/** As {@link parseDateTime}, for the date alone. */
export function parseDate(text: string): CosemDate {
  const [match, year, month, day, dayOfWeek] = DATE.exec(text) ?? [];
  if (match === undefined) throw unreadable("date", text);
  const value: CosemDate = {
    year: parseDigits(year),
    month: month === "dst-begin" || month === "dst-end" ? month : parseDigits(month),
    day: day === "last" || day === "second-last" ? day : parseDigits(day),
    dayOfWeek: parseDigits(dayOfWeek),
  };
  encodeDate(value); // Checks the ranges, as below.
  return value;
}

/** As {@link parseDateTime}, for the time alone. */
export function parseTime(text: string): CosemTime {
  const [match, hour, minute, second, hundredths] = TIME.exec(text) ?? [];
  if (match === undefined) throw unreadable("time", text);
  const value: CosemTime = {
    hour: parseDigits(hour),
    minute: parseDigits(minute),
    second: parseDigits(second),
    hundredths: parseDigits(hundredths),
  };
  encodeTime(value);
  return value;
}

/** `+01:00` is a deviation of −60. */
function parseOffset(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (text === "Z") return 0;
  const minutes = Number(text.slice(1, 3)) * 60 + Number(text.slice(4));
  return text.startsWith("+") ? 0 - minutes : minutes;
}

function parseDigits(text: string | undefined): number | undefined {
  return text === undefined || text === "*" ? undefined : Number(text);
}

function unreadable(what: string, text: string): DlmsError {
  return invalidValue(`not a ${what}: ${JSON.stringify(text.slice(0, 64))}`);
}
