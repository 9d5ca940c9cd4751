import { defineOperation, type Nothing } from "../operation.ts";

/** The alarms that are set in any of the meter's registers. */
export const readAlarmRegister = defineOperation<Nothing, { readonly alarms: readonly string[] }>({
  name: "ReadAlarmRegister",
  group: "MONITORING",
  effect: "reads",
  notification: "READ_ALARM_REGISTER",
  failure: "fault",
});
