import { setMaxDemandResetNow } from "../../../operations/ekm/set-max-demand-reset-now.ts";
import { confirmed } from "../confirmation.ts";
import { nothing, wireForm } from "../wire-form.ts";

export const setMaxDemandResetNowForm = wireForm(setMaxDemandResetNow, "ekm-meter-settings:SetMaxDemandResetNow", {
  request: nothing,
  response: confirmed,
});
