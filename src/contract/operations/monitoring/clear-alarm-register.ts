import { clearAlarmRegister } from "../../../operations/monitoring/clear-alarm-register.ts";
import { done, nothing, wireForm } from "../wire-form.ts";

export const clearAlarmRegisterForm = wireForm(clearAlarmRegister, "sm-monitoring:ClearAlarmRegister", {
  request: nothing,
  response: done,
  bundle: {
    element: "ClearAlarmRegisterRequest",
    request: nothing,
    success: "Clear alarm register was successful",
  },
});
