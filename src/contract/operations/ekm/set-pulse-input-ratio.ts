import { setPulseInputRatio } from "../../../operations/ekm/set-pulse-input-ratio.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setPulseInputRatioForm = wireForm(setPulseInputRatio, "ekm-meter-settings:SetPulseInputRatio", {
  request: ({ PulseLine, PulseInputRatio }) => ({ line: PulseLine, ratio: PulseInputRatio }),
  response: confirmed,
});
