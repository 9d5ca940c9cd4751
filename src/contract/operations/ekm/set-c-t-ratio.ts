import { setCTRatio } from "../../../operations/ekm/set-c-t-ratio.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setCTRatioForm = wireForm(setCTRatio, "ekm-meter-settings:SetCTRatio", {
  request: ({ CtRatio }) => ({ ctRatio: CtRatio }),
  response: confirmed,
});
