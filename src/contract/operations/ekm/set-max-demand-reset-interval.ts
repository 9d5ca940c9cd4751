import { setMaxDemandResetInterval } from "../../../operations/ekm/set-max-demand-reset-interval.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setMaxDemandResetIntervalForm = wireForm(
  setMaxDemandResetInterval,
  "ekm-meter-settings:SetMaxDemandResetInterval",
  {
    request: ({ Interval }) => ({ interval: Interval }),
    response: confirmed,
  },
);
