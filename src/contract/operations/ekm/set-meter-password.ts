import { toHex } from "../../../lib/bytes.ts";
import { setMeterPassword } from "../../../operations/ekm/set-meter-password.ts";
import { confirmed } from "../confirmation.ts";
import { wireForm } from "../wire-form.ts";

export const setMeterPasswordForm = wireForm(setMeterPassword, "ekm-meter-settings:SetMeterPassword", {
  request: ({ Password }) => ({ password: toHex(Password) }),
  response: confirmed,
});
