import { MetergateError } from "../../domain/errors.ts";
import { type ObisCode, obisToBytes } from "../../lib/obis.ts";
import {
  type MeterTime,
  type MeterTimes,
  type PeriodicReads,
  type ProfileStatusFlag,
  type Reading,
  statusFlags,
} from "../../operations/readings.ts";
import type { common, smMonitoring } from "../generated/index.ts";
import { toMeterValue } from "./units.ts";

/** The longest distance to UTC that an xsd:dateTime can tell. */
const LARGEST_OFFSET_MINUTES = 840;

/** A moment that is written in local time, with its distance to UTC: the hour that comes twice a year is two hours. */
class LocalDate extends Date {
  readonly #offsetMinutes: number;

  constructor(epochMs: number, offsetMinutes: number) {
    super(epochMs);
    this.#offsetMinutes = offsetMinutes;
  }

  override toISOString(): string {
    const offset = this.#offsetMinutes;
    return localText(this.getTime() + offset * MINUTE_MS) + offsetText(offset);
  }
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The day that was written last, with the T behind it: the entries of a profile follow each other. */
let dayWritten = Number.NaN;
let dayText = "";
/** Hours and minutes, each with a colon behind it, by the minute of the day. */
const minuteTexts = Array.from(
  { length: 24 * 60 },
  (_, minute) => `${twoDigits(Math.floor(minute / 60))}:${twoDigits(minute % 60)}:`,
);

/** As toISOString without the zone, of which it makes most itself: a profile of a month has thousands. */
function localText(ms: number): string {
  const day = Math.floor(ms / DAY_MS);
  if (day !== dayWritten) {
    const text = new Date(day * DAY_MS).toISOString();
    dayText = text.slice(0, text.indexOf("T") + 1);
    dayWritten = day;
  }
  const inDay = ms - day * DAY_MS;
  const minute = Math.floor(inDay / MINUTE_MS);
  const inMinute = inDay - minute * MINUTE_MS;
  const rest = inMinute === 0 ? "00.000" : (inMinute / 1000).toFixed(3).padStart(6, "0");
  return dayText + minuteTexts[minute] + rest;
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

/** By minutes: thousands of times in a row have the same. */
const offsetTexts = new Map<number, string>();

function offsetText(offset: number): string {
  const known = offsetTexts.get(offset);
  if (known !== undefined) return known;
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const text = `${offset < 0 ? "-" : "+"}${twoDigits(hours)}:${twoDigits(minutes)}`;
  offsetTexts.set(offset, text);
  return text;
}

/** A moment as the meter showed it, or in UTC when it did not tell how far from that it is. */
export function fromMeterTime({ epochMs, deviationMinutes }: MeterTime): Date {
  return shownAt(epochMs, deviationMinutes);
}

/** As {@link fromMeterTime}, for a row of columns. */
export function fromMeterTimes({ epochMs, deviationMinutes }: MeterTimes, row: number): Date {
  return shownAt(epochMs[row]!, deviationMinutes?.[row] ?? undefined);
}

function shownAt(epochMs: number, deviationMinutes: number | undefined): Date {
  const isTold = deviationMinutes !== undefined && Math.abs(deviationMinutes) <= LARGEST_OFFSET_MINUTES;
  return isTold ? new LocalDate(epochMs, -deviationMinutes) : new Date(epochMs);
}

/**
 * A reading that the response cannot do without.
 * @throws MetergateError ILLEGAL_RESPONSE when the schema has no room for it
 */
export function fromReading({ value, unit }: Reading): smMonitoring.MeterValue {
  const meterValue = toMeterValue(value, unit);
  if (meterValue) return meterValue;
  throw new MetergateError(
    "ILLEGAL_RESPONSE",
    `The meter's reading ${value} ${unit} is beyond what a response can hold`,
  );
}

export function toPeriodicReads({
  PeriodType,
  BeginDate,
  EndDate,
}: smMonitoring.PeriodicReadsRequestData): PeriodicReads {
  return { periodType: PeriodType, beginMs: BeginDate.getTime(), endMs: EndDate.getTime() };
}

export function fromStatus(
  status: readonly ProfileStatusFlag[] | undefined,
): Pick<smMonitoring.PeriodicMeterReads, "AmrProfileStatusCode"> {
  return status ? { AmrProfileStatusCode: { AmrProfileStatusCodeFlag: status } } : {};
}

/** By their bits: nearly all entries of a profile have the same. */
const statusCodes = new Map<number, smMonitoring.AmrProfileStatusCode>();

/** @param bits as in `PROFILE_STATUS_FLAGS`; others say nothing */
export function fromStatusBits(bits: number): smMonitoring.AmrProfileStatusCode {
  const octet = bits & 0xff;
  const known = statusCodes.get(octet);
  if (known) return known;
  const code = { AmrProfileStatusCodeFlag: statusFlags(octet) };
  statusCodes.set(octet, code);
  return code;
}

export function fromObis(logicalName: ObisCode): common.ObisCodeValues {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = obisToBytes(logicalName);
  return { a, b, c, d, e, f };
}
