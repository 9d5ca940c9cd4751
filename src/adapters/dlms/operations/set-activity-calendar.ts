import { type CosemData, cosem } from "../../../dlms/data.ts";
import { type CosemDateTime, dateTimeToEpochMs } from "../../../dlms/date-time.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { fromHex } from "../../../lib/bytes.ts";
import { parseObis } from "../../../lib/obis.ts";
import type { ActivityCalendar, DayProfile, WeekProfile } from "../../../operations/activity-calendar.ts";
import { setActivityCalendar } from "../../../operations/configuration/set-activity-calendar.ts";
import { execution, missingObject, refusal, resultName } from "../execution.ts";
import { attributeOf, findObject, methodOf } from "../profiles/index.ts";
import { requireDateTime, requireTime } from "../request-times.ts";

/** The script table that tariff scripts are in. */
const TARIFF_SCRIPTS = parseObis("0.0.10.0.100.255");

/** A season's or week's name, which is one digit, as one octet with its value. */
const name = (digit: string): CosemData => cosem.octetString(Uint8Array.of(Number(digit)));
const octets = (hex: string): CosemData => cosem.octetString(fromHex(hex));

/** The first of those that share a key; the request repeats a week in each season that has it. */
function distinct<T, K>(items: readonly T[], keyOf: (item: T) => K): T[] {
  const first = new Map<K, T>();
  for (const item of items) if (!first.has(keyOf(item))) first.set(keyOf(item), item);
  return [...first.values()];
}

const encodeWeek = (week: WeekProfile): CosemData =>
  cosem.structure([name(week.name), ...week.days.map(({ dayId }) => cosem.unsigned(dayId))]);

const encodeDay = ({ dayId, actions }: DayProfile): CosemData =>
  cosem.structure([
    cosem.unsigned(dayId),
    cosem.array(
      actions.map(({ startTime, scriptSelector }) =>
        cosem.structure([octets(startTime), cosem.logicalName(TARIFF_SCRIPTS), cosem.longUnsigned(scriptSelector)]),
      ),
    ),
  ]);

/** The passive half of class 20, attributes 6 to 9, in the order in which they are written. */
export function encodePassiveCalendar(
  calendar: ActivityCalendar,
): { attribute: number; name: string; value: CosemData }[] {
  const { seasons } = calendar;
  const weeks = distinct(
    seasons.map(({ week }) => week),
    (week) => week.name,
  );
  const days = distinct(
    weeks.flatMap((week) => week.days),
    (day) => day.dayId,
  );
  const encodedSeasons = seasons.map((season) =>
    cosem.structure([name(season.name), octets(season.start), name(season.week.name)]),
  );
  return [
    { attribute: 6, name: "CALENDARNAME", value: cosem.octetString(Buffer.from(calendar.name, "utf8")) },
    { attribute: 7, name: "SEASONS", value: cosem.array(encodedSeasons) },
    { attribute: 8, name: "WEEKS", value: cosem.array(weeks.map(encodeWeek)) },
    { attribute: 9, name: "DAYS", value: cosem.array(days.map(encodeDay)) },
  ];
}

/** "No time" as clients of the public contract have always sent it, though its day is "the last one". */
const ACCUSTOMED_NO_TIME = "FFFFFFFEFFFFFFFFFF000000";

/** Whether every field of date and time is "not specified", whatever deviation and clock status say. */
function isOpen({ year, month, day, dayOfWeek, hour, minute, second, hundredths }: CosemDateTime): boolean {
  return [year, month, day, dayOfWeek, hour, minute, second, hundredths].every((field) => field === undefined);
}

/**
 * Whether the calendar is to become active later. Blue Book, class 20, attribute 10: only a time of which nothing is
 * specified means none, and just some fields must not be left open.
 * @throws MetergateError VALIDATION_ERROR
 */
function isAhead(hex: string, timeZone: string, nowMs: number): boolean {
  const time = requireDateTime("ActivatePassiveCalendarTime", hex);
  if (isOpen(time) || hex === ACCUSTOMED_NO_TIME) return false;
  const activationMs = dateTimeToEpochMs(time, timeZone);
  if (activationMs !== undefined) return activationMs > nowMs;
  const text = `ActivatePassiveCalendarTime ${hex} names no instant, and leaves open only a part of its fields`;
  throw new MetergateError("VALIDATION_ERROR", text);
}

function requireTimes({ seasons }: ActivityCalendar): void {
  for (const { start, week } of seasons) {
    requireDateTime("SeasonStart", start);
    for (const { actions } of week.days) for (const { startTime } of actions) requireTime("StartTime", startTime);
  }
}

/**
 * Writes the passive calendar and activates it: by the meter itself when the activation time lies ahead, otherwise at
 * once. When a part could not be written nothing is activated.
 */
export const setActivityCalendarExecution = execution(setActivityCalendar, {
  missing: (profile) => missingObject(profile, "ACTIVITY_CALENDAR"),
  async run({ meter, profile, device, target, clock }, calendar) {
    const object = findObject(profile, "ACTIVITY_CALENDAR");
    requireTimes(calendar);
    const later = isAhead(calendar.activatePassiveCalendarTime, device.timezone, clock.now());

    const failures: string[] = [];
    const results: string[] = [];
    const write = async (attribute: number, part: string, value: CosemData) => {
      const result = await meter.set(attributeOf(object, attribute), value);
      results.push(result);
      if (result !== "success") failures.push(`${part} (attribute ${attribute}): ${resultName(result)}`);
    };
    for (const { attribute, name: part, value } of encodePassiveCalendar(calendar)) await write(attribute, part, value);
    if (failures.length === 0) {
      if (later) await write(10, "ACTIVATION_TIME", octets(calendar.activatePassiveCalendarTime));
      else {
        const { result } = await meter.action(methodOf(object, 1), cosem.integer(0));
        results.push(result);
        if (result !== "success") failures.push(`ACTIVATION (method 1): ${resultName(result)}`);
      }
    }
    if (failures.length > 0) {
      throw refusal(`SetActivityCalendar: not successful for ${failures.join(", ")}`, results);
    }
    return { device: target.identification, calendarName: calendar.name };
  },
});
