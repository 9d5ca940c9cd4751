import { setSchedule } from "../../../operations/ekm/set-schedule.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setScheduleForm = wireForm(setSchedule, "ekm-meter-settings:SetSchedule", {
  request: ({ Schedule, Period }) => ({
    schedule: Schedule,
    periods: Period.map(({ StartHour, StartMinute, Tariff }) => ({
      hour: StartHour,
      minute: StartMinute,
      tariff: Tariff,
    })),
  }),
  response: confirmed,
});
