import { disableDebugging } from "../../../operations/management/disable-debugging.ts";
import { done, nothing, wireForm } from "../wire-form.ts";

export const disableDebuggingForm = wireForm(disableDebugging, "sm-management:DisableDebugging", {
  request: nothing,
  response: done,
});
