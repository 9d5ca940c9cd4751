import { setSchedule } from "../../../operations/ekm/set-schedule.ts";
import { encodeSchedule } from "../codec/tariff-tables.ts";
import { execution } from "../execution.ts";
import { tablesHave } from "../shows.ts";

export const setScheduleExecution = execution(setSchedule, {
  run: ({ meter }, schedule) =>
    meter.change(
      "SetSchedule",
      encodeSchedule(schedule),
      tablesHave(({ schedules }) => schedules[schedule.schedule - 1], schedule),
    ),
});
