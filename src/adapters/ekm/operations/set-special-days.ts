import { setSpecialDays } from "../../../operations/configuration/set-special-days.ts";
import { fitSpecialDays } from "../codec/calendar.ts";
import { encodeHolidays, encodeWeekendHolidays } from "../codec/tariff-tables.ts";
import { execution, fitting, whyUnfit } from "../execution.ts";
import { tablesHave } from "../shows.ts";
import { readTables } from "./tables.ts";

/** Replaces the list of holidays and says which schedule rules on them; that of weekends stays. */
export const setSpecialDaysExecution = execution(setSpecialDays, {
  missing: (_, request) => request && whyUnfit(fitSpecialDays(request.specialDays)),
  async run({ meter }, { specialDays }) {
    const { holidays, schedule } = fitting(fitSpecialDays(specialDays));
    await meter.change(
      "SetHolidayDates",
      encodeHolidays(holidays),
      tablesHave((tables) => tables.holidays, holidays),
    );
    if (schedule === undefined) return {};
    const { weekend } = await readTables(meter);
    await meter.change(
      "SetWeekendHolidaySchedules",
      encodeWeekendHolidays({ weekend, holiday: schedule }),
      tablesHave((tables) => tables.holiday, schedule),
    );
    return {};
  },
});
