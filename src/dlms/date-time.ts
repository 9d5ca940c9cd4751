import { DlmsError, invalidValue } from "./errors.ts";

/**
 * COSEM date-time, date and time (Blue Book, clause "Date and time formats"): 12, 5 and 4 octets, most significant
 * first. A field that is undefined is "not specified": a wildcard in a schedule, unknown in a reading.
 */
export interface CosemDate {
  /** 0 … 65534 */
  readonly year: number | undefined;
  /** 1 … 12, or the month in which daylight saving begins or ends. */
  readonly month: number | "dst-begin" | "dst-end" | undefined;
  /** 1 … 31, or the last or second last day of the month. */
  readonly day: number | "last" | "second-last" | undefined;
  /** 1 Monday … 7 Sunday */
  readonly dayOfWeek: number | undefined;
}

/** A time of day. */
export interface CosemTime {
  /** 0 … 23 */
  readonly hour: number | undefined;
  /** 0 … 59 */
  readonly minute: number | undefined;
  /** 0 … 59 */
  readonly second: number | undefined;
  /** 0 … 99 */
  readonly hundredths: number | undefined;
}

/** A date and time with its distance to UTC. */
export interface CosemDateTime extends CosemDate, CosemTime {
  /** Minutes from local time to UTC, −840 … 840: −60 is UTC+1. The Blue Book's −720 leaves out UTC+13 and UTC+14. */
  readonly deviationMinutes: number | undefined;
  /** 0 … 254, see {@link CLOCK_STATUS}. */
  readonly clockStatus: number | undefined;
}

/** Bits of the clock status octet. */
export const CLOCK_STATUS = {
  invalidValue: 0x01,
  doubtfulValue: 0x02,
  differentClockBase: 0x04,
  invalidClockStatus: 0x08,
  daylightSavingActive: 0x80,
} as const;

const NOT_SPECIFIED = 0xff;
const YEAR_NOT_SPECIFIED = 0xffff;
const DEVIATION_NOT_SPECIFIED = -0x8000;
/** In the month: daylight saving ends, begins. In the day: second last, last day of the month. */
const FD = 0xfd;
const FE = 0xfe;

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
/** The instants for which {@link dateTimeFromEpochMs} works; a day inside of what years 1 and 65534 hold. */
const EARLIEST_MS = utcMs(1, 1, 2);
const LATEST_MS = utcMs(65_534, 12, 31);

/** @throws DlmsError `local/invalid-value` when a field is out of its range; so do the two below. */
export function encodeDateTime(value: CosemDateTime): Uint8Array {
  const bytes = new Uint8Array(12);
  putDate(bytes, value);
  putTime(bytes, 5, value);
  const deviation =
    value.deviationMinutes === undefined
      ? DEVIATION_NOT_SPECIFIED
      : inRange(value.deviationMinutes, -840, 840, "deviation");
  bytes[9] = deviation >> 8;
  bytes[10] = deviation;
  bytes[11] = field(value.clockStatus, 0, 254, "clock status");
  return bytes;
}

/** The 5 octets of a date. */
export function encodeDate(value: CosemDate): Uint8Array {
  const bytes = new Uint8Array(5);
  putDate(bytes, value);
  return bytes;
}

/** The 4 octets of a time. */
export function encodeTime(value: CosemTime): Uint8Array {
  const bytes = new Uint8Array(4);
  putTime(bytes, 0, value);
  return bytes;
}

/** @throws DlmsError `remote/malformed` for a wrong number of octets or a field out of its range; so do the two below. */
export function decodeDateTime(bytes: Uint8Array): CosemDateTime {
  expectLength(bytes, 12, "date-time");
  const deviation = ((bytes[9]! << 24) >> 16) | bytes[10]!;
  if (deviation !== DEVIATION_NOT_SPECIFIED && Math.abs(deviation) > 840) {
    throw malformed(`a deviation of ${deviation} minutes`, 9);
  }
  return {
    ...getDate(bytes),
    ...getTime(bytes, 5),
    deviationMinutes: deviation === DEVIATION_NOT_SPECIFIED ? undefined : deviation,
    clockStatus: optional(bytes[11]!),
  };
}

/** From the 5 octets of a date. */
export function decodeDate(bytes: Uint8Array): CosemDate {
  expectLength(bytes, 5, "date");
  return getDate(bytes);
}

/** From the 4 octets of a time. */
export function decodeTime(bytes: Uint8Array): CosemTime {
  expectLength(bytes, 4, "time");
  return getTime(bytes, 0);
}

/**
 * The local time of an instant in a time zone, every field specified. Daylight saving counts as active while the
 * offset is larger than the smaller one of the year's first and middle day.
 * @param epochMs milliseconds since 1970-01-01T00:00:00Z, cut to hundredths of a second.
 * @param timeZone IANA name.
 * @throws DlmsError `local/invalid-value` for an unknown zone or an instant outside of the years 1 to 65534.
 */
export function dateTimeFromEpochMs(epochMs: number, timeZone: string): CosemDateTime {
  if (!(epochMs >= EARLIEST_MS && epochMs <= LATEST_MS))
    throw invalidValue(`no instant of the years 1 to 65534: ${epochMs}`);
  const offsetMinutes = offsetAt(epochMs, timeZone);
  const local = new Date(epochMs + offsetMinutes * MINUTE_MS);
  const year = local.getUTCFullYear();
  const standardMinutes = Math.min(offsetAt(utcMs(year, 1, 1), timeZone), offsetAt(utcMs(year, 7, 1), timeZone));
  return {
    year,
    month: local.getUTCMonth() + 1,
    day: local.getUTCDate(),
    dayOfWeek: local.getUTCDay() || 7,
    hour: local.getUTCHours(),
    minute: local.getUTCMinutes(),
    second: local.getUTCSeconds(),
    hundredths: Math.floor(local.getUTCMilliseconds() / 10),
    // Not −0 for UTC.
    deviationMinutes: 0 - offsetMinutes,
    clockStatus: offsetMinutes > standardMinutes ? CLOCK_STATUS.daylightSavingActive : 0,
  };
}

/**
 * The instant that a date-time names, in milliseconds since 1970-01-01T00:00:00Z, or undefined when it names none:
 * the date, hour or minute is not specified or does not exist, the year is 0, or neither the deviation nor a zone is known.
 * Seconds and hundredths that are not specified count as 0; the day of week is not looked at.
 * @param timeZone IANA name of the meter's zone, used when the deviation is not specified. In the hour that comes
 * twice the clock status tells which; a time that the change to daylight saving skips is read with the offset before it.
 * @throws DlmsError `local/invalid-value` for an unknown zone.
 */
export function dateTimeToEpochMs(value: CosemDateTime, timeZone?: string): number | undefined {
  const { year, month, day, hour, minute } = value;
  if (!year || typeof month !== "number" || typeof day !== "number") return undefined;
  if (hour === undefined || minute === undefined) return undefined;
  const midnightMs = utcMs(year, month, day);
  if (new Date(midnightMs).getUTCDate() !== day) return undefined;
  const timeMs = ((hour * 60 + minute) * 60 + (value.second ?? 0)) * 1000 + (value.hundredths ?? 0) * 10;
  const localMs = midnightMs + timeMs;
  if (value.deviationMinutes !== undefined) return localMs + value.deviationMinutes * MINUTE_MS;
  if (timeZone === undefined) return undefined;
  return localToEpochMs(localMs, timeZone, value.clockStatus);
}

/** `localMs` is the local time as if it were UTC. */
function localToEpochMs(localMs: number, timeZone: string, clockStatus: number | undefined): number {
  const before = offsetAt(localMs - DAY_MS, timeZone);
  const after = offsetAt(localMs + DAY_MS, timeZone);
  const candidates = [before, after]
    .filter((offset) => offsetAt(localMs - offset * MINUTE_MS, timeZone) === offset)
    .sort((a, b) => b - a);
  const daylightSaving = clockStatus === undefined || (clockStatus & CLOCK_STATUS.daylightSavingActive) !== 0;
  const offset = (daylightSaving ? candidates[0] : candidates.at(-1)) ?? before;
  return localMs - offset * MINUTE_MS;
}

/** `Date.UTC`, which takes the years 0 to 99 for 1900 to 1999. */
function utcMs(year: number, month: number, day: number): number {
  return new Date(0).setUTCFullYear(year, month - 1, day);
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Days whose offsets are remembered of a zone; beyond, somebody asks for dates at random. */
const MAX_DAYS = 4_000;
/** Offset at the begin of a day of UTC, by zone and day since 1970: asking the engine takes as long as reading ten entries. */
const beginOffsets = new Map<string, Map<number, number>>();

/** Local time minus UTC, in minutes (zones with seconds in their offset were given up before meters had clocks). */
function offsetAt(epochMs: number, timeZone: string): number {
  const day = Math.floor(epochMs / DAY_MS);
  const offset = offsetAtBegin(day, timeZone);
  // No zone changes twice within a day.
  return offset === offsetAtBegin(day + 1, timeZone) ? offset : offsetOf(epochMs, timeZone);
}

function offsetAtBegin(day: number, timeZone: string): number {
  const days = beginOffsets.get(timeZone) ?? new Map<number, number>();
  const known = days.get(day);
  if (known !== undefined) return known;
  const offset = offsetOf(day * DAY_MS, timeZone);
  if (days.size >= MAX_DAYS) days.clear();
  beginOffsets.set(timeZone, days.set(day, offset));
  return offset;
}

function offsetOf(epochMs: number, timeZone: string): number {
  const parts: Record<string, number> = {};
  for (const { type, value } of formatFor(timeZone).formatToParts(epochMs)) parts[type] = Number(value);
  const dayMs = utcMs(parts.year!, parts.month!, parts.day!);
  const localMs = dayMs + ((parts.hour! * 60 + parts.minute!) * 60 + parts.second!) * 1000;
  return Math.round((localMs - epochMs) / MINUTE_MS);
}

function formatFor(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone);
  if (!format) {
    format = newFormat(timeZone);
    formats.set(timeZone, format);
  }
  return format;
}

function newFormat(timeZone: string): Intl.DateTimeFormat {
  const numeric = "numeric";
  try {
    return new Intl.DateTimeFormat("en-US-u-ca-iso8601-nu-latn", {
      timeZone,
      hourCycle: "h23",
      year: numeric,
      month: numeric,
      day: numeric,
      hour: numeric,
      minute: numeric,
      second: numeric,
    });
  } catch (cause) {
    throw invalidValue(`no such time zone: ${timeZone}`, cause);
  }
}

function putDate(bytes: Uint8Array, value: CosemDate): void {
  const year = value.year === undefined ? YEAR_NOT_SPECIFIED : inRange(value.year, 0, 65_534, "year");
  bytes[0] = year >> 8;
  bytes[1] = year;
  if (value.month === "dst-end") bytes[2] = FD;
  else if (value.month === "dst-begin") bytes[2] = FE;
  else bytes[2] = field(value.month, 1, 12, "month");
  if (value.day === "second-last") bytes[3] = FD;
  else if (value.day === "last") bytes[3] = FE;
  else bytes[3] = field(value.day, 1, 31, "day");
  bytes[4] = field(value.dayOfWeek, 1, 7, "day of week");
}

function getDate(bytes: Uint8Array): CosemDate {
  const year = (bytes[0]! << 8) | bytes[1]!;
  const month = bytes[2]!;
  const day = bytes[3]!;
  return {
    year: year === YEAR_NOT_SPECIFIED ? undefined : year,
    month: month === FD ? "dst-end" : month === FE ? "dst-begin" : checked(bytes, 2, 1, 12, "month"),
    day: day === FD ? "second-last" : day === FE ? "last" : checked(bytes, 3, 1, 31, "day"),
    dayOfWeek: checked(bytes, 4, 1, 7, "day of week"),
  };
}

function putTime(bytes: Uint8Array, at: number, value: CosemTime): void {
  bytes[at] = field(value.hour, 0, 23, "hour");
  bytes[at + 1] = field(value.minute, 0, 59, "minute");
  bytes[at + 2] = field(value.second, 0, 59, "second");
  bytes[at + 3] = field(value.hundredths, 0, 99, "hundredths");
}

function getTime(bytes: Uint8Array, at: number): CosemTime {
  return {
    hour: checked(bytes, at, 0, 23, "hour"),
    minute: checked(bytes, at + 1, 0, 59, "minute"),
    second: checked(bytes, at + 2, 0, 59, "second"),
    hundredths: checked(bytes, at + 3, 0, 99, "hundredths"),
  };
}

/** The octet of a field that may be left open. */
function field(value: number | undefined, min: number, max: number, name: string): number {
  return value === undefined ? NOT_SPECIFIED : inRange(value, min, max, name);
}

function inRange(value: number, min: number, max: number, name: string): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw invalidValue(`${name} is not an integer from ${min} to ${max}: ${value}`);
}

function checked(bytes: Uint8Array, at: number, min: number, max: number, name: string): number | undefined {
  const value = optional(bytes[at]!);
  if (value !== undefined && (value < min || value > max)) throw malformed(`a ${name} of ${value}`, at);
  return value;
}

function optional(octet: number): number | undefined {
  return octet === NOT_SPECIFIED ? undefined : octet;
}

function expectLength(bytes: Uint8Array, length: number, name: string): void {
  if (bytes.length === length) return;
  throw malformed(`a ${name} has ${length} octets, not ${bytes.length}`, Math.min(length, bytes.length));
}

function malformed(message: string, offset: number): DlmsError {
  return new DlmsError("remote/malformed", `${message} (at octet ${offset})`, { offset });
}
