import { setTime } from "../../../operations/ekm/set-time.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setTimeForm = wireForm(setTime, "ekm-meter-settings:SetTime", {
  request: ({ LocalTime }) => ({ localTime: LocalTime }),
  response: confirmed,
});
