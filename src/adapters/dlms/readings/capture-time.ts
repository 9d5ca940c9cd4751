import { asOctets, type CosemData } from "../../../dlms/data.ts";
import {
  CLOCK_STATUS,
  type CosemDateTime,
  dateTimeFromEpochMs,
  dateTimeToEpochMs,
  decodeDate,
  decodeDateTime,
} from "../../../dlms/date-time.ts";
import type { MeterTime } from "../../../operations/readings.ts";

/** When a meter captured something; the clock status is as in `CLOCK_STATUS`. */
export type CaptureTime = MeterTime;

/** How far two entries of a profile are apart: a capture period in seconds, or a day or month of the calendar. */
export type CaptureStep = number | "day" | "month";

/** Which way the times of a buffer run. */
export type TimeOrder = "ascending" | "descending";

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;
const NO_DEVIATION = -0x8000;
const NOT_SPECIFIED = 0xff;
/** Days whose deviation is remembered per time zone; beyond, some meter sends dates at random. */
const MAX_DAYS = 4_000;

/** The times of one meter's entries: what it sends, and what follows when it sends none. */
export class CaptureTimes {
  readonly #timeZone: string;
  readonly #order: TimeOrder;
  /** The date that was read last, as its octets, and that day: entries of a day follow each other. */
  #date = -1;
  #day: number | undefined;

  /**
   * @param timeZone IANA name of the meter's time zone, for times without deviation
   * @param order which way the buffer runs
   */
  constructor(timeZone: string, order: TimeOrder = "ascending") {
    this.#timeZone = timeZone;
    this.#order = order;
  }

  /**
   * A time as a meter sends it. In the hour that the clock is set back, the deviation tells which of the two it is,
   * without one the clock status; and where a meter tells neither, the time goes on from the one before it.
   * @param previous the entry before it in the buffer
   * @returns undefined for null-data and for what names no instant: a field that is not specified, 30 February
   * @throws DlmsError `remote/unexpected-type`, `remote/malformed`
   */
  decode(data: CosemData, previous?: CaptureTime): CaptureTime | undefined {
    if (data.type === "null-data") return undefined;
    const octets = asOctets(data, "capture time");
    const quick = this.#plainTime(octets);
    if (quick) return quick;
    const value = decodeDateTime(octets);
    const epochMs = this.#instantOf(value, previous?.epochMs);
    if (epochMs === undefined) return undefined;
    const { deviationMinutes, clockStatus } = value;
    return { epochMs, deviationMinutes, clockStatus };
  }

  /** Nearly every time: all fields are given, and the clock does not change on that day or the deviation tells. */
  #plainTime(octets: Uint8Array): CaptureTime | undefined {
    if (octets.length !== 12) return undefined;
    // Taken apart by index: by pattern it takes five times as long, and there are thousands.
    const [hour, minute, second, hundredths] = [octets[5]!, octets[6]!, octets[7]!, octets[8]!];
    const day = this.#dayOf(octets);
    if (day === undefined || hour > 23 || minute > 59 || second > 59 || hundredths > 99) return undefined;
    const told = ((octets[9]! << 24) >> 16) | octets[10]!;
    const status = octets[11]!;
    const deviation = told === NO_DEVIATION ? deviationOn(day, this.#timeZone) : told;
    if (deviation === undefined || Math.abs(deviation) > 840) return undefined;
    const timeMs = ((hour * 60 + minute + deviation) * 60 + second) * 1000 + hundredths * 10;
    return {
      epochMs: day * DAY_MS + timeMs,
      deviationMinutes: told === NO_DEVIATION ? undefined : told,
      clockStatus: status === NOT_SPECIFIED ? undefined : status,
    };
  }

  /** The day since 1970 that the first five octets name; undefined when it is none, or a wildcard. */
  #dayOf(octets: Uint8Array): number | undefined {
    const year = octets[0]! * 0x100 + octets[1]!;
    const date = year * 0x100_0000 + ((octets[2]! << 16) | (octets[3]! << 8) | octets[4]!);
    if (date !== this.#date) {
      const epochMs = dateTimeToEpochMs({ ...decodeDate(octets.subarray(0, 5)), ...MIDNIGHT, deviationMinutes: 0 });
      this.#day = epochMs === undefined ? undefined : epochMs / DAY_MS;
      this.#date = date;
    }
    return this.#day;
  }

  #instantOf(value: CosemDateTime, previousMs: number | undefined): number | undefined {
    if (value.deviationMinutes !== undefined || value.clockStatus !== undefined) {
      return dateTimeToEpochMs(value, this.#timeZone);
    }
    const first = dateTimeToEpochMs({ ...value, clockStatus: CLOCK_STATUS.daylightSavingActive }, this.#timeZone);
    const second = dateTimeToEpochMs({ ...value, clockStatus: 0 }, this.#timeZone);
    if (first === undefined || second === undefined) return first;
    if (this.#order === "ascending") return previousMs !== undefined && previousMs >= first ? second : first;
    return previousMs !== undefined && previousMs <= second ? first : second;
  }

  /**
   * The time of the entry behind `previous`, for a meter that leaves out what follows from it.
   * A day or month later is the same time of day in the meter's time zone, also when the clock changes between.
   */
  next(previous: CaptureTime, step: CaptureStep): CaptureTime {
    const direction = this.#order === "ascending" ? 1 : -1;
    if (typeof step === "number") return { epochMs: previous.epochMs + direction * step * 1000 };
    const local = dateTimeFromEpochMs(previous.epochMs, this.#timeZone);
    const date = new Date(Date.UTC(local.year!, (local.month as number) - 1, local.day as number));
    if (step === "day") date.setUTCDate(date.getUTCDate() + direction);
    else addMonth(date, direction);
    const { year, month, day } = dateTimeFromEpochMs(date.getTime(), "UTC");
    const next = { ...local, year, month, day, deviationMinutes: undefined, clockStatus: undefined };
    return { epochMs: dateTimeToEpochMs(next, this.#timeZone)! };
  }
}

/** The 31st of January is followed by the last day of February. */
function addMonth(date: Date, direction: number): void {
  const day = date.getUTCDate();
  date.setUTCMonth(date.getUTCMonth() + direction, 1);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
}

const MIDNIGHT = { hour: 0, minute: 0, second: 0, hundredths: 0, clockStatus: undefined };

/** By time zone and day since 1970. Asking the engine for the offset of a zone takes longer than reading an entry. */
const deviations = new Map<string, Map<number, number | undefined>>();

/** Minutes from local time to UTC on a day since 1970; undefined when it has not 24 hours. */
function deviationOn(day: number, timeZone: string): number | undefined {
  const days = deviations.get(timeZone) ?? new Map<number, number | undefined>();
  deviations.set(timeZone, days);
  if (days.has(day)) return days.get(day);
  if (days.size >= MAX_DAYS) days.clear();
  const begin = midnightMs(day, timeZone);
  const unchanged = midnightMs(day + 1, timeZone) - begin === DAY_MS;
  const deviation = unchanged ? (begin - day * DAY_MS) / MINUTE_MS : undefined;
  days.set(day, deviation);
  return deviation;
}

function midnightMs(day: number, timeZone: string): number {
  const { year, month, day: dayOfMonth } = dateTimeFromEpochMs(day * DAY_MS, "UTC");
  const midnight = { year, month, day: dayOfMonth, dayOfWeek: undefined, deviationMinutes: undefined, ...MIDNIGHT };
  return dateTimeToEpochMs(midnight, timeZone)!;
}
