import type { DataAccessResult } from "../../../dlms/apdu.ts";
import { asBoolean, asNumber, asOctets, type CosemData } from "../../../dlms/data.ts";
import { CLOCK_STATUS, type CosemDateTime } from "../../../dlms/date-time.ts";
import { fromHex } from "../../../lib/bytes.ts";
import { type ObisCode, parseObis } from "../../../lib/obis.ts";
import { cosemObject, type Method, readOnly, writable } from "../cosem-object.ts";
import { logEvent } from "../events.ts";
import type { Meter } from "../meter.ts";
import { deviationAt, instantOf, readDateTime, type ZoneRules } from "../meter-time.ts";
import { DATE_TIME } from "../shape.ts";
import { boolean, enumerated, integer, long, octetString, unsigned } from "../values.ts";

export const CLOCK: ObisCode = parseObis("0.0.1.0.0.255");
const MINUTE_MS = 60_000;
/** The years 2000 to 2099. */
const CALENDAR_BEGIN_MS = Date.UTC(2000, 0, 1);
const CALENDAR_END_MS = Date.UTC(2100, 0, 1);

/** Blue Book, class 8: ranges of time_zone and daylight_savings_deviation, in minutes. */
const LARGEST_TIME_ZONE = 720;
const LARGEST_DEVIATION = 120;
const within = (most: number) => (_meter: Meter, value: CosemData) =>
  Math.abs(asNumber(value)) <= most ? "success" : "other-reason";
const clamped = (value: CosemData, most: number) => Math.max(-most, Math.min(most, asNumber(value)));

const TIME_ZONE = writable("long", long(-60), { check: within(LARGEST_TIME_ZONE) });
const DAYLIGHT_SAVINGS_BEGIN = writable(DATE_TIME, octetString(fromHex("FFFF03FE0702000000FFC400")));
const DAYLIGHT_SAVINGS_END = writable(DATE_TIME, octetString(fromHex("FFFF0AFE0703000000FF8880")));
const DAYLIGHT_SAVINGS_DEVIATION = writable("integer", integer(60), { check: within(LARGEST_DEVIATION) });
const DAYLIGHT_SAVINGS_ENABLED = writable("boolean", boolean(true));

const TIME = writable(DATE_TIME, octetString(new Uint8Array(12)), {
  read: (meter) => ({ data: meter.dateTime(meter.nowMs()) }),
  check: checkTime,
  changed: (meter, value) => {
    const atMs = momentOf(meter, readDateTime(asOctets(value)));
    if (atMs !== null) moveClock(meter, atMs);
  },
  captured: (meter, timeMs) => meter.dateTime(timeMs),
});

/** The rules by which the meter's clock shows local time; an operator may have arranged more than a client can write. */
export function clockZone(meter: Meter): ZoneRules {
  return {
    timeZoneMinutes: clamped(meter.value(TIME_ZONE), LARGEST_TIME_ZONE),
    daylightSavingsBegin: asOctets(meter.value(DAYLIGHT_SAVINGS_BEGIN)),
    daylightSavingsEnd: asOctets(meter.value(DAYLIGHT_SAVINGS_END)),
    daylightSavingsDeviationMinutes: clamped(meter.value(DAYLIGHT_SAVINGS_DEVIATION), LARGEST_DEVIATION),
    daylightSavingsEnabled: asBoolean(meter.value(DAYLIGHT_SAVINGS_ENABLED)),
  };
}

/**
 * Judges a time to set the clock to. Refused is what does not name one moment, and a deviation or daylight saving flag other than the
 * meter's own configuration gives for that moment.
 */
function checkTime(meter: Meter, value: CosemData): DataAccessResult {
  const parts = readDateTime(asOctets(value));
  const atMs = momentOf(meter, parts);
  if (!parts || atMs === null) return "other-reason";
  const deviation = deviationAt(atMs, meter.zone);
  if (parts.deviationMinutes !== undefined && parts.deviationMinutes !== deviation) return "other-reason";
  const summer = deviation !== meter.zone.timeZoneMinutes;
  if (parts.clockStatus !== undefined && ((parts.clockStatus & CLOCK_STATUS.daylightSavingActive) !== 0) !== summer)
    return "other-reason";
  return "success";
}

/** Null for what names no moment, or one outside of the meter's calendar. */
function momentOf(meter: Meter, parts: CosemDateTime | null): number | null {
  const atMs = parts && instantOf(parts, meter.zone);
  return atMs === null || atMs < CALENDAR_BEGIN_MS || atMs >= CALENDAR_END_MS ? null : atMs;
}

function moveClock(meter: Meter, toMs: number): void {
  logEvent(meter, "standard", "CLOCK_ADJUSTED_OLD_TIME");
  meter.clockOffsetMs += toMs - meter.nowMs();
  logEvent(meter, "standard", "CLOCK_ADJUSTED_NEW_TIME");
}

/** Rounds the clock to the nearest multiple of a step. */
function adjustTo(stepMs: number): Method {
  return {
    parameter: "integer",
    invoke: (meter) => {
      moveClock(meter, Math.round(meter.nowMs() / stepMs) * stepMs);
      return "success";
    },
  };
}

/** Class 8: runs on the simulation's clock, and keeps what it was set ahead or behind. */
export const CLOCK_OBJECT = cosemObject(
  8,
  0,
  CLOCK,
  {
    2: TIME,
    3: TIME_ZONE,
    4: readOnly("unsigned", unsigned(0)),
    5: DAYLIGHT_SAVINGS_BEGIN,
    6: DAYLIGHT_SAVINGS_END,
    7: DAYLIGHT_SAVINGS_DEVIATION,
    8: DAYLIGHT_SAVINGS_ENABLED,
    9: readOnly("enum", enumerated(1)),
  },
  {
    1: adjustTo(15 * MINUTE_MS),
    3: adjustTo(MINUTE_MS),
    6: {
      parameter: "long",
      invoke: (meter, parameter) => {
        moveClock(meter, meter.nowMs() + asNumber(parameter) * 1000);
        return "success";
      },
    },
  },
);
