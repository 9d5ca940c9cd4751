import { setHolidayDates } from "../../../operations/ekm/set-holiday-dates.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setHolidayDatesForm = wireForm(setHolidayDates, "ekm-meter-settings:SetHolidayDates", {
  request: ({ Holiday }) => ({ holidays: Holiday.map(({ Month, Day }) => ({ month: Month, day: Day })) }),
  response: confirmed,
});
