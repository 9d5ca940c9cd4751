import { setWeekendHolidaySchedules } from "../../../operations/ekm/set-weekend-holiday-schedules.ts";
import { encodeWeekendHolidays } from "../codec/tariff-tables.ts";
import { execution } from "../execution.ts";
import { tablesHave } from "../shows.ts";

export const setWeekendHolidaySchedulesExecution = execution(setWeekendHolidaySchedules, {
  run: ({ meter }, wanted) =>
    meter.change(
      "SetWeekendHolidaySchedules",
      encodeWeekendHolidays(wanted),
      tablesHave(({ weekend, holiday }) => [weekend, holiday], [wanted.weekend, wanted.holiday]),
    ),
});
