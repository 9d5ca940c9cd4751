import { toHex } from "../../../lib/bytes.ts";
import type { ActivityCalendar, DayProfile, WeekProfile } from "../../../operations/activity-calendar.ts";
import { setActivityCalendar } from "../../../operations/configuration/set-activity-calendar.ts";
import type { ResultOf } from "../../../operations/operation.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { inRange, printable } from "../values.ts";
import { notDone, wireForm } from "../wire-form.ts";

function toDay({ DayId, DaySchedule }: wire.DayType): DayProfile {
  return {
    dayId: inRange("DayId", DayId, 0, 255),
    actions: DaySchedule.DayProfileAction.map(({ StartTime, ScriptSelector }) => ({
      startTime: toHex(StartTime),
      scriptSelector: inRange("ScriptSelector", ScriptSelector, 0, 65_535),
    })),
  };
}

function toWeek(week: wire.WeekType): WeekProfile {
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
function toActivityCalendar({ ActivityCalendar }: wire.SetActivityCalendarRequestData): ActivityCalendar {
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

/** A result that an earlier version stored has neither device nor name. */
function successText({ device, calendarName }: Partial<ResultOf<typeof setActivityCalendar>>): string {
  const of = device === undefined ? "" : ` for device id: ${device} calendar name: ${calendarName}`;
  return `Set Activity Calendar Result is OK${of}`;
}

export const setActivityCalendarForm = wireForm(setActivityCalendar, "sm-configuration:SetActivityCalendar", {
  request: (r) => toActivityCalendar(r.ActivityCalendarData),
  // The one success of a single request that has a text.
  response: (result) => ({ Result: "OK", Description: printable(successText(result)) }),
  errorResponse: notDone,
  bundle: { element: "SetActivityCalendarRequest", request: toActivityCalendar, success: successText },
});
