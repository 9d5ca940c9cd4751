import { getSchedules } from "../../../operations/ekm/get-schedules.ts";
import { nothing, wireForm } from "../wire-form.ts";

export const getSchedulesForm = wireForm(getSchedules, "ekm-meter-settings:GetSchedules", {
  request: nothing,
  response: ({ schedules, seasons, holidays, weekend, holiday }) => ({
    Result: "OK",
    Schedule: schedules.map(({ schedule, periods }) => ({
      Schedule: schedule,
      Period: periods.map(({ hour, minute, tariff }) => ({ StartHour: hour, StartMinute: minute, Tariff: tariff })),
    })),
    Season: seasons.map(({ month, day, schedule }) => ({ StartMonth: month, StartDay: day, Schedule: schedule })),
    Holiday: holidays.map(({ month, day }) => ({ Month: month, Day: day })),
    ...(weekend !== undefined && { WeekendSchedule: weekend }),
    ...(holiday !== undefined && { HolidaySchedule: holiday }),
  }),
});
