import { setMaxDemandPeriod } from "../../../operations/ekm/set-max-demand-period.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setMaxDemandPeriodForm = wireForm(setMaxDemandPeriod, "ekm-meter-settings:SetMaxDemandPeriod", {
  request: ({ PeriodMinutes }) => ({ periodMinutes: PeriodMinutes }),
  response: confirmed,
});
