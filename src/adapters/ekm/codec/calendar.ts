import type { ActivityCalendar, DayProfile } from "../../../operations/activity-calendar.ts";
import type { SpecialDay } from "../../../operations/configuration/set-special-days.ts";
import type { MonthDay, Schedule, Season } from "../../../operations/ekm.ts";

/*
 * Calendars of the public contract as the tables of an EKM meter, which have less room: six schedules of four periods,
 * four seasons for weekdays, one schedule for all weekends and one for all holidays, no years and no passive calendar.
 * Day 0 of a calendar is schedule 1, and so on.
 */

const MOST_SCHEDULES = 6;
const MOST_PERIODS = 4;
const MOST_TARIFFS = 4;
const MOST_HOLIDAYS = 20;
/** "Not specified", in an octet of a COSEM date or time. */
const OPEN = 0xff;

/** What of the contract fits into a meter, or why it does not. */
export type Fitting<T> = { readonly fits: T } | { readonly why: string };

export interface FittingCalendar {
  readonly schedules: readonly Schedule[];
  readonly seasons: readonly Season[];
  readonly weekend: number | undefined;
}

/** Thrown inside, to leave at the first thing that does not fit. */
class Unfit extends Error {
  readonly code = "UNFIT";
}

function attempt<T>(work: () => T): Fitting<T> {
  try {
    return { fits: work() };
  } catch (error) {
    if (error instanceof Unfit) return { why: error.message };
    throw error;
  }
}

const unfit = (text: string): never => {
  throw new Unfit(`EKM meters ${text}`);
};

const octetsOf = (hex: string) => [...Buffer.from(hex, "hex")];

/** A COSEM date of every year: year and day of the week not specified. */
function monthDayOf(hex: string): MonthDay {
  const [high, low, month = 0, day = 0, weekday] = octetsOf(hex);
  if (high !== OPEN || low !== OPEN) unfit("repeat dates every year: a date must not name a year");
  if (weekday !== OPEN) unfit("know no days of the week in dates");
  if (month < 1 || month > 12 || day < 1 || day > new Date(Date.UTC(2028, month, 0)).getUTCDate()) {
    unfit("want month and day of a date");
  }
  return { month, day };
}

const scheduleOf = (dayId: number): number =>
  dayId >= 0 && dayId < MOST_SCHEDULES ? dayId + 1 : unfit(`have ${MOST_SCHEDULES} schedules: days 0 to 5`);

function toSchedule({ dayId, actions }: DayProfile): Schedule {
  if (actions.length > MOST_PERIODS) unfit(`switch ${MOST_PERIODS} times a day at most`);
  const periods = actions.map(({ startTime, scriptSelector: tariff }) => {
    const [hour = OPEN, minute = OPEN, second, hundredths] = octetsOf(startTime);
    if (hour > 23 || minute > 59 || (second !== 0 && second !== OPEN)) unfit("switch at full minutes");
    if (hundredths !== 0 && hundredths !== OPEN) unfit("switch at full minutes");
    if (tariff < 1 || tariff > MOST_TARIFFS) unfit(`have ${MOST_TARIFFS} tariffs: scripts 1 to ${MOST_TARIFFS}`);
    return { hour, minute, tariff };
  });
  periods.sort((a, b) => a.hour * 60 + a.minute - (b.hour * 60 + b.minute));
  return { schedule: scheduleOf(dayId), periods };
}

/** "No time" as clients of the public contract send it, though its day is "the last one". */
const NO_TIME = /^(FF){2}(FF|FE)(FF){2}/;

/** A calendar as seasons, schedules and the schedule of weekends. */
export function fitCalendar({ activatePassiveCalendarTime, seasons }: ActivityCalendar): Fitting<FittingCalendar> {
  return attempt(() => {
    if (!NO_TIME.test(activatePassiveCalendarTime)) {
      unfit("have no passive calendar: leave ActivatePassiveCalendarTime open, and give the request a ScheduleTime");
    }
    const weekends = new Set(seasons.flatMap(({ week: { days } }) => [days[5].dayId, days[6].dayId]));
    if (weekends.size > 1) unfit("have one schedule for all Saturdays and Sundays");
    for (const { week } of seasons) {
      if (new Set(week.days.slice(0, 5).map(({ dayId }) => dayId)).size > 1) {
        unfit("have one schedule for Monday to Friday of a season");
      }
    }
    const days = new Map(seasons.flatMap(({ week }) => week.days).map((day) => [day.dayId, day]));
    const [weekend] = weekends;
    return {
      schedules: [...days.values()].map(toSchedule),
      seasons: seasons.map(({ start, week }) => ({
        ...monthDayOf(start.slice(0, 10)),
        schedule: scheduleOf(week.days[0].dayId),
      })),
      weekend: weekend === undefined ? undefined : scheduleOf(weekend),
    };
  });
}

/** Special days as holidays, and their schedule; undefined where there is no day. */
export function fitSpecialDays(
  specialDays: readonly SpecialDay[],
): Fitting<{ readonly holidays: readonly MonthDay[]; readonly schedule: number | undefined }> {
  return attempt(() => {
    if (specialDays.length > MOST_HOLIDAYS) unfit(`have ${MOST_HOLIDAYS} holidays at most`);
    const [dayId, ...others] = new Set(specialDays.map((each) => each.dayId));
    if (others.length > 0) unfit("have one schedule for all holidays: dayId must be the same");
    return {
      holidays: specialDays.map(({ date }) => monthDayOf(date)),
      schedule: dayId === undefined ? undefined : scheduleOf(dayId),
    };
  });
}
