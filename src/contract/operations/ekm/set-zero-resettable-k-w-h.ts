import { setZeroResettableKWH } from "../../../operations/ekm/set-zero-resettable-k-w-h.ts";
import { confirmed } from "../confirmation.ts";
import { nothing, wireForm } from "../wire-form.ts";

export const setZeroResettableKWHForm = wireForm(setZeroResettableKWH, "ekm-meter-settings:SetZeroResettableKWH", {
  request: nothing,
  response: confirmed,
});
