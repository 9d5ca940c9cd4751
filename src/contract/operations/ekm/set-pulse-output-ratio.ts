import { setPulseOutputRatio } from "../../../operations/ekm/set-pulse-output-ratio.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setPulseOutputRatioForm = wireForm(setPulseOutputRatio, "ekm-meter-settings:SetPulseOutputRatio", {
  request: ({ PulseLine, PulseOutputRatio }) => ({ line: PulseLine, ratio: PulseOutputRatio }),
  response: confirmed,
});
