import { enableDebugging } from "../../../operations/management/enable-debugging.ts";
import { done, nothing, wireForm } from "../wire-form.ts";

export const enableDebuggingForm = wireForm(enableDebugging, "sm-management:EnableDebugging", {
  request: nothing,
  response: done,
});
