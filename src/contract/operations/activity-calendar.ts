import { toHex } from "../../lib/bytes.ts";
import type { ActivityCalendar, DayProfile, WeekProfile } from "../../operations/activity-calendar.ts";
import type { smConfiguration } from "../generated/index.ts";
import { inRange } from "./values.ts";

function toDay({ DayId, DaySchedule }: smConfiguration.DayType): DayProfile {
  return {
    dayId: inRange("DayId", DayId, 0, 255),
    actions: DaySchedule.DayProfileAction.map(({ StartTime, ScriptSelector }) => ({
      startTime: toHex(StartTime),
      scriptSelector: inRange("ScriptSelector", ScriptSelector, 0, 65_535),
    })),
  };
}

function toWeek(week: smConfiguration.WeekType): WeekProfile {
  return {
    name: week.WeekProfileName,
    days: [
      toDay(week.Monday),
      toDay(week.Tuesday),
      toDay(week.Wednesday),
      toDay(week.Thursday),
      toDay(week.Friday),
      toDay(week.Saturday),
      toDay(week.Sunday),
    ],
  };
}

/** The calendar of a request or of a bundle's action. */
export function toActivityCalendar({
  ActivityCalendar,
}: smConfiguration.SetActivityCalendarRequestData): ActivityCalendar {
  return {
    name: ActivityCalendar.CalendarName,
    activatePassiveCalendarTime: toHex(ActivityCalendar.ActivatePassiveCalendarTime),
    seasons: ActivityCalendar.SeasonProfile.Season.map((season) => ({
      name: season.SeasonProfileName,
      start: toHex(season.SeasonStart),
      week: toWeek(season.WeekProfile),
    })),
  };
}
