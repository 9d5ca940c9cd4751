import { refuse } from "./checks.ts";
import type { CosemDateTimeHex, CosemTimeHex } from "./values.ts";

export interface DayProfile {
  readonly dayId: number;
  readonly actions: readonly { readonly startTime: CosemTimeHex; readonly scriptSelector: number }[];
}

export interface WeekProfile {
  readonly name: string;
  /** Monday first. */
  readonly days: readonly [DayProfile, DayProfile, DayProfile, DayProfile, DayProfile, DayProfile, DayProfile];
}

export interface ActivityCalendar {
  readonly name: string;
  readonly activatePassiveCalendarTime: CosemDateTimeHex;
  readonly seasons: readonly { readonly name: string; readonly start: CosemDateTimeHex; readonly week: WeekProfile }[];
}

/** Seasons, weeks and days that a calendar has at most, each. */
const MOST = 4;

function refuseDuplicates<T>(items: readonly T[], nameOf: (item: T) => string | number, text: string): void {
  const byName = new Map<string | number, string>();
  for (const item of items) {
    const content = JSON.stringify(item);
    const known = byName.get(nameOf(item));
    if (known !== undefined && known !== content) refuse(text);
    byName.set(nameOf(item), content);
  }
}

/**
 * The rules of a calendar in the order and with the words that callers of the public contract know.
 * @throws MetergateError VALIDATION_ERROR
 */
export function checkActivityCalendar({ seasons }: ActivityCalendar): void {
  if (seasons.length > MOST) refuse(`Maximum number of seasons supported (${MOST}) is exceeded: ${seasons.length}`);
  if (new Set(seasons.map((season) => season.name)).size < seasons.length) refuse("Not all seasons have a unique name");
  if (!seasons.every((season) => /^\d$/.test(season.name))) refuse("Not all season names contain exactly one digit");

  const weeks: WeekProfile[] = seasons.map((season) => season.week);
  const weekCount = new Set(weeks.map((week) => week.name)).size;
  if (weekCount > MOST) refuse(`Maximum number of weeks supported (${MOST}) is exceeded: ${weekCount}`);
  if (!weeks.every((week) => /^\d$/.test(week.name))) refuse("Not all week names contain exactly one digit");
  refuseDuplicates(weeks, (week) => week.name, "Weekprofiles with same name have different day profiles");

  const days: DayProfile[] = weeks.flatMap((week) => week.days);
  const dayCount = new Set(days.map((day) => day.dayId)).size;
  if (dayCount > MOST) refuse(`Maximum number of days supported (${MOST}) is exceeded: ${dayCount}`);
  refuseDuplicates(days, (day) => day.dayId, "Dayprofiles with same dayid have different switching points");
}
