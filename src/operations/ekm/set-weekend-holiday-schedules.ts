import type { Confirmation, WeekendHolidaySchedules } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

/** Says which schedules rule on weekends and on holidays. */
export const setWeekendHolidaySchedules = defineOperation<WeekendHolidaySchedules, Confirmation>({
  name: "SetWeekendHolidaySchedules",
  group: "TARIFF_SCHEDULING",
  effect: "writes",
  notification: "SET_WEEKEND_HOLIDAY_SCHEDULES",
  failure: "fault",
});
