import { MetergateError } from "../../../domain/errors.ts";
import { ANSWERS, FIRST_WRITTEN_SCHEDULE, NO_SCHEDULE, PARAMETERS } from "../../../ekm/unverified.ts";
import type { TariffMonths } from "../../../operations/ekm/get-tariff-data.ts";
import type {
  MonthDay,
  Schedule,
  SchedulePeriod,
  Season,
  TariffEnergy,
  TariffTables,
  WeekendHolidaySchedules,
} from "../../../operations/ekm.ts";
import { isObject, type JsonObject } from "./json.ts";

const PERIODS = [1, 2, 3, 4];
const SCHEDULES = [1, 2, 3, 4, 5, 6];
const SEASONS = [1, 2, 3, 4];
const HOLIDAYS = Array.from({ length: 20 }, (_, i) => i + 1);
const MONTHS = [1, 2, 3, 4, 5, 6];

/** Parameters of SetSchedule; places that are not used are zeros. */
export function encodeSchedule({ schedule, periods }: Schedule): JsonObject {
  const params: Record<string, number> = { [PARAMETERS.schedule]: schedule - 1 + FIRST_WRITTEN_SCHEDULE };
  for (const n of PERIODS) {
    const { hour = 0, minute = 0, tariff = 0 } = periods[n - 1] ?? {};
    params[PARAMETERS.scheduleHour(n)] = hour;
    params[PARAMETERS.scheduleMinute(n)] = minute;
    params[PARAMETERS.scheduleTariff(n)] = tariff;
  }
  return params;
}

/** Parameters of SetHolidayDates: the whole list. */
export function encodeHolidays(holidays: readonly MonthDay[]): JsonObject {
  const params: Record<string, number> = {};
  for (const n of HOLIDAYS) {
    params[PARAMETERS.holidayMonth(n)] = holidays[n - 1]?.month ?? 0;
    params[PARAMETERS.holidayDay(n)] = holidays[n - 1]?.day ?? 0;
  }
  return params;
}

/** Parameters of the command for seasons: the whole table. */
export function encodeSeasons(seasons: readonly Season[]): JsonObject {
  const params: Record<string, number> = {};
  for (const n of SEASONS) {
    const { month = 0, day = 0, schedule = NO_SCHEDULE } = seasons[n - 1] ?? {};
    params[PARAMETERS.seasonMonth(n)] = month;
    params[PARAMETERS.seasonDay(n)] = day;
    params[PARAMETERS.seasonSchedule(n)] = schedule;
  }
  return params;
}

/** Parameters of SetWeekendHolidaySchedules. */
export function encodeWeekendHolidays({ weekend, holiday }: WeekendHolidaySchedules): JsonObject {
  return { weekend_schedule: weekend ?? NO_SCHEDULE, holiday_schedule: holiday ?? NO_SCHEDULE };
}

/** @returns the number at a key, 0 where it is absent; it may come as text */
function numberAt(data: JsonObject, key: string): number {
  const value = Number(data[key] ?? 0);
  if (Number.isInteger(value) && value >= 0 && value < 100) return value;
  throw new MetergateError("ILLEGAL_RESPONSE", `${key} is no number of a table`);
}

/**
 * Reads what GetSchedules gives. Places that are not used are left out.
 * @throws MetergateError ILLEGAL_RESPONSE
 */
export function decodeTariffTables(data: JsonObject): TariffTables {
  const at = (key: string) => numberAt(data, key);
  const periodsOf = (schedule: number): SchedulePeriod[] =>
    PERIODS.map((n) => ({
      hour: at(ANSWERS.scheduleHour(schedule, n)),
      minute: at(ANSWERS.scheduleMinute(schedule, n)),
      tariff: at(ANSWERS.scheduleTariff(schedule, n)),
    })).filter(({ tariff }) => tariff > 0);
  const seasons = SEASONS.map((n) => ({
    month: at(ANSWERS.seasonMonth(n)),
    day: at(ANSWERS.seasonDay(n)),
    schedule: at(ANSWERS.seasonSchedule(n)),
  }));
  const holidays = HOLIDAYS.map((n) => ({ month: at(ANSWERS.holidayMonth(n)), day: at(ANSWERS.holidayDay(n)) }));
  const [weekend, holiday] = [at(ANSWERS.weekendSchedule), at(ANSWERS.holidaySchedule)];
  return {
    schedules: SCHEDULES.map((schedule) => ({ schedule, periods: periodsOf(schedule) })),
    seasons: seasons.filter(({ month, schedule }) => month > 0 && schedule !== NO_SCHEDULE),
    holidays: holidays.filter(({ month }) => month > 0),
    ...(weekend !== NO_SCHEDULE && { weekend }),
    ...(holiday !== NO_SCHEDULE && { holiday }),
  };
}

/** Reads what GetTariffData gives. Months that are not told are left out. */
export function decodeTariffMonths(data: JsonObject): TariffMonths {
  const [forward, reverse] = [data[ANSWERS.forwardMonths], data[ANSWERS.reverseMonths]];
  const months = MONTHS.map((monthsAgo) => ({
    monthsAgo,
    forward: energyOf(forward, monthsAgo),
    reverse: energyOf(reverse, monthsAgo),
  }));
  return { months: months.filter((month) => month.forward || month.reverse) };
}

function energyOf(block: unknown, month: number): TariffEnergy | undefined {
  if (!isObject(block) || block[ANSWERS.monthTotal(month)] === undefined) return undefined;
  const at = (key: string) => {
    const text = String(block[key] ?? 0);
    if (/^\d{1,15}(\.\d{1,10})?$/.test(text)) return text;
    throw new MetergateError("ILLEGAL_RESPONSE", `${key} is no number of kWh`);
  };
  const tariffsKwh = PERIODS.map((tariff) => at(ANSWERS.monthTariff(month, tariff)));
  return { totalKwh: at(ANSWERS.monthTotal(month)), tariffsKwh };
}
