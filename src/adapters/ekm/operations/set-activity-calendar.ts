import { COMMAND_NAMES } from "../../../ekm/unverified.ts";
import { setActivityCalendar } from "../../../operations/configuration/set-activity-calendar.ts";
import { fitCalendar } from "../codec/calendar.ts";
import { encodeSchedule, encodeSeasons, encodeWeekendHolidays } from "../codec/tariff-tables.ts";
import { execution, fitting, whyUnfit } from "../execution.ts";
import { tablesHave } from "../shows.ts";
import { readTables } from "./tables.ts";

/**
 * Writes schedules, seasons and the weekend's schedule. Seasons go first: a cloud that has no command for them refuses
 * before anything else has changed.
 */
export const setActivityCalendarExecution = execution(setActivityCalendar, {
  needsSeasonCommand: true,
  missing: (_, request) => request && whyUnfit(fitCalendar(request)),
  async run({ meter, device }, calendar) {
    const { schedules, seasons, weekend } = fitting(fitCalendar(calendar));
    await meter.change(
      COMMAND_NAMES.seasons,
      encodeSeasons(seasons),
      tablesHave((tables) => tables.seasons, seasons),
    );
    for (const schedule of schedules) {
      await meter.change(
        "SetSchedule",
        encodeSchedule(schedule),
        tablesHave((tables) => tables.schedules[schedule.schedule - 1], schedule),
      );
    }
    const { holiday } = await readTables(meter);
    await meter.change(
      "SetWeekendHolidaySchedules",
      encodeWeekendHolidays({ weekend, holiday }),
      tablesHave((tables) => tables.weekend, weekend),
    );
    return { device: device.identification, calendarName: calendar.name };
  },
});
