import { readAlarmRegister } from "../../../operations/monitoring/read-alarm-register.ts";
import { contractAlarms } from "../push-notification-alarm.ts";
import { nothing, wireForm } from "../wire-form.ts";

export const readAlarmRegisterForm = wireForm(readAlarmRegister, "sm-monitoring:ReadAlarmRegister", {
  request: nothing,
  response: ({ alarms }) => ({ AlarmTypes: contractAlarms(alarms) }),
  bundle: {
    element: "ReadAlarmRegisterRequest",
    request: nothing,
    answer: "ReadAlarmRegisterResponse",
    response: ({ alarms }) => ({ Result: "OK", AlarmTypes: contractAlarms(alarms) }),
  },
});
