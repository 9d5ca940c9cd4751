import { type Confirmation, type MonthDay, requireDay } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

/** Replaces the list of holidays: 20 at most, the same in every year. */
export const setHolidayDates = defineOperation<{ readonly holidays: readonly MonthDay[] }, Confirmation>({
  name: "SetHolidayDates",
  group: "TARIFF_SCHEDULING",
  effect: "writes",
  notification: "SET_HOLIDAY_DATES",
  failure: "fault",
  check({ holidays }) {
    for (const holiday of holidays) requireDay(holiday);
  },
});
