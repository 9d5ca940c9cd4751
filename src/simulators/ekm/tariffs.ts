import { ANSWERS, FIRST_WRITTEN_SCHEDULE, PARAMETERS } from "../../ekm/unverified.ts";
import { type Parameters, within } from "./parameters.ts";

const PERIODS = [1, 2, 3, 4] as const;
const SCHEDULES = 6;
const SEASONS = 4;
const HOLIDAYS = 20;

/** Where a tariff begins; tariff 0 is a place that is not used. */
interface Period {
  readonly hour: number;
  readonly minute: number;
  readonly tariff: number;
}

const UNUSED: Period = { hour: 0, minute: 0, tariff: 0 };

/** Tables of a meter that say which tariff register counts. */
export class Tariffs {
  /** Six schedules of four periods. */
  schedules: readonly (readonly Period[])[] = Array.from({ length: SCHEDULES }, () => [
    { hour: 0, minute: 0, tariff: 1 },
    UNUSED,
    UNUSED,
    UNUSED,
  ]);
  seasons = Array.from({ length: SEASONS }, (_, i) =>
    i === 0 ? { month: 1, day: 1, schedule: 1 } : { month: 0, day: 0, schedule: 0 },
  );
  holidays: readonly { readonly month: number; readonly day: number }[] = [];
  /** 1 … 6, 0 for none. */
  weekendSchedule = 0;
  holidaySchedule = 0;

  setSchedule(given: Parameters): void {
    const number = within("schedule", given.whole(PARAMETERS.schedule) - FIRST_WRITTEN_SCHEDULE, 0, SCHEDULES - 1);
    const periods = PERIODS.map((n) => ({
      hour: within("hour", given.whole(PARAMETERS.scheduleHour(n)), 0, 23),
      minute: within("minute", given.whole(PARAMETERS.scheduleMinute(n)), 0, 59),
      tariff: within("tariff", given.whole(PARAMETERS.scheduleTariff(n)), 0, 4),
    }));
    this.schedules = this.schedules.map((each, i) => (i === number ? periods : each));
  }

  setSeasons(given: Parameters): void {
    this.seasons = Array.from({ length: SEASONS }, (_, i) => ({
      month: within("month", given.whole(PARAMETERS.seasonMonth(i + 1)), 0, 12),
      day: within("day", given.whole(PARAMETERS.seasonDay(i + 1)), 0, 31),
      schedule: within("schedule", given.whole(PARAMETERS.seasonSchedule(i + 1)), 0, SCHEDULES),
    }));
  }

  setHolidays(given: Parameters): void {
    this.holidays = Array.from({ length: HOLIDAYS }, (_, i) => ({
      month: within("month", given.whole(PARAMETERS.holidayMonth(i + 1)), 0, 12),
      day: within("day", given.whole(PARAMETERS.holidayDay(i + 1)), 0, 31),
    })).filter(({ month }) => month > 0);
  }

  setWeekendAndHolidays(given: Parameters): void {
    const weekend = within("weekend schedule", given.whole("weekend_schedule"), 0, SCHEDULES);
    this.holidaySchedule = within("holiday schedule", given.whole("holiday_schedule"), 0, SCHEDULES);
    this.weekendSchedule = weekend;
  }

  /** Which of the registers 1 … 4 counts, by the meter's own time: holidays go before weekends, these before seasons. */
  tariffAt(local: Date): number {
    const number = this.#scheduleAt(local);
    const minute = local.getUTCHours() * 60 + local.getUTCMinutes();
    const used = (this.schedules[number - 1] ?? []).filter(({ tariff }) => tariff > 0);
    const sorted = [...used].sort((a, b) => a.hour * 60 + a.minute - (b.hour * 60 + b.minute));
    const begun = sorted.filter((period) => period.hour * 60 + period.minute <= minute);
    // Before the first point of a day the last one of the day before goes on.
    return (begun.at(-1) ?? sorted.at(-1))?.tariff ?? 1;
  }

  #scheduleAt(local: Date): number {
    const [month, day] = [local.getUTCMonth() + 1, local.getUTCDate()];
    const isHoliday = this.holidays.some((each) => each.month === month && each.day === day);
    if (isHoliday && this.holidaySchedule > 0) return this.holidaySchedule;
    if ([0, 6].includes(local.getUTCDay()) && this.weekendSchedule > 0) return this.weekendSchedule;
    const seasons = this.seasons.filter((season) => season.month > 0);
    const sorted = seasons.sort((a, b) => a.month * 100 + a.day - (b.month * 100 + b.day));
    const begun = sorted.filter((season) => season.month * 100 + season.day <= month * 100 + day);
    return (begun.at(-1) ?? sorted.at(-1))?.schedule || 1;
  }

  /** What GetSchedules gives. */
  describe(): Record<string, number> {
    const data: Record<string, number> = {};
    for (const [i, periods] of this.schedules.entries()) {
      for (const [j, { hour, minute, tariff }] of periods.entries()) {
        data[ANSWERS.scheduleHour(i + 1, j + 1)] = hour;
        data[ANSWERS.scheduleMinute(i + 1, j + 1)] = minute;
        data[ANSWERS.scheduleTariff(i + 1, j + 1)] = tariff;
      }
    }
    for (const [i, { month, day, schedule }] of this.seasons.entries()) {
      data[ANSWERS.seasonMonth(i + 1)] = month;
      data[ANSWERS.seasonDay(i + 1)] = day;
      data[ANSWERS.seasonSchedule(i + 1)] = schedule;
    }
    for (let i = 0; i < HOLIDAYS; i++) {
      data[ANSWERS.holidayMonth(i + 1)] = this.holidays[i]?.month ?? 0;
      data[ANSWERS.holidayDay(i + 1)] = this.holidays[i]?.day ?? 0;
    }
    data[ANSWERS.weekendSchedule] = this.weekendSchedule;
    data[ANSWERS.holidaySchedule] = this.holidaySchedule;
    return data;
  }
}
