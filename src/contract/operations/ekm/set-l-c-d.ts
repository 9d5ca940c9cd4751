import { setLCD } from "../../../operations/ekm/set-l-c-d.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setLCDForm = wireForm(setLCD, "ekm-meter-settings:SetLCD", {
  request: ({ DisplayField }) => ({ displayFields: DisplayField }),
  response: confirmed,
});
