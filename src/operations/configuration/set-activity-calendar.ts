import { type ActivityCalendar, checkActivityCalendar } from "../activity-calendar.ts";
import { defineOperation } from "../operation.ts";

export const setActivityCalendar = defineOperation<
  ActivityCalendar,
  { readonly device: string; readonly calendarName: string }
>({
  name: "SetActivityCalendar",
  group: "TARIFF_SCHEDULING",
  effect: "writes",
  notification: "SET_ACTIVITY_CALENDAR",
  failure: "result",
  check: checkActivityCalendar,
});
