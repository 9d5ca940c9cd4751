import { type CosemData, cosem } from "../../../dlms/data.ts";
import { dateTimeToEpochMs, decodeDateTime } from "../../../dlms/date-time.ts";
import { MetergateError } from "../../../domain/errors.ts";
import type { ActivityCalendar, DayProfile, WeekProfile } from "../../../domain/operations.ts";
import { fromHex } from "../../../lib/bytes.ts";
import { parseObis } from "../../../lib/obis.ts";
import { missingObject, type Operation, resultName } from "../operation.ts";
import { attributeOf, findObject, methodOf } from "../profiles/index.ts";

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

/** Whether the calendar is to become active later; a time that names no instant means at once. */
function isAhead(dateTime: Uint8Array, timeZone: string, nowMs: number): boolean {
  try {
    const activationMs = dateTimeToEpochMs(decodeDateTime(dateTime), timeZone);
    return activationMs !== undefined && activationMs > nowMs;
  } catch (cause) {
    throw new MetergateError("VALIDATION_ERROR", "ActivatePassiveCalendarTime is no COSEM date-time", { cause });
  }
}

/**
 * Writes the passive calendar and activates it: by the meter itself when the activation time lies ahead, otherwise at
 * once. When a part could not be written nothing is activated.
 */
export const setActivityCalendar: Operation<"SetActivityCalendar"> = {
  missing: (profile) => missingObject(profile, "ACTIVITY_CALENDAR"),
  async run({ meter, profile, device, clock }, calendar) {
    const object = findObject(profile, "ACTIVITY_CALENDAR");
    const activationTime = fromHex(calendar.activatePassiveCalendarTime);
    const later = isAhead(activationTime, device.timezone, clock.now());

    const failures: string[] = [];
    const write = async (attribute: number, part: string, value: CosemData) => {
      const result = await meter.set(attributeOf(object, attribute), value);
      if (result !== "success") failures.push(`${part} (attribute ${attribute}): ${resultName(result)}`);
    };
    for (const { attribute, name: part, value } of encodePassiveCalendar(calendar)) await write(attribute, part, value);
    if (failures.length === 0) {
      if (later) await write(10, "ACTIVATION_TIME", cosem.octetString(activationTime));
      else {
        const { result } = await meter.action(methodOf(object, 1), cosem.integer(0));
        if (result !== "success") failures.push(`ACTIVATION (method 1): ${resultName(result)}`);
      }
    }
    if (failures.length > 0) {
      throw new MetergateError("DEVICE_REFUSED", `SetActivityCalendar: not successful for ${failures.join(", ")}`);
    }
    return {};
  },
};
