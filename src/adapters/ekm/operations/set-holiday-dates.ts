import { setHolidayDates } from "../../../operations/ekm/set-holiday-dates.ts";
import { encodeHolidays } from "../codec/tariff-tables.ts";
import { execution } from "../execution.ts";
import { tablesHave } from "../shows.ts";

export const setHolidayDatesExecution = execution(setHolidayDates, {
  run: ({ meter }, { holidays }) =>
    meter.change(
      "SetHolidayDates",
      encodeHolidays(holidays),
      tablesHave((tables) => tables.holidays, holidays),
    ),
});
