import { setWeekendHolidaySchedules } from "../../../operations/ekm/set-weekend-holiday-schedules.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setWeekendHolidaySchedulesForm = wireForm(
  setWeekendHolidaySchedules,
  "ekm-meter-settings:SetWeekendHolidaySchedules",
  {
    request: ({ WeekendSchedule, HolidaySchedule }) => ({
      ...(WeekendSchedule !== undefined && { weekend: WeekendSchedule }),
      ...(HolidaySchedule !== undefined && { holiday: HolidaySchedule }),
    }),
    response: confirmed,
  },
);
