import { defineOperation, type Nothing } from "../operation.ts";

export const clearAlarmRegister = defineOperation<Nothing, Nothing>({
  name: "ClearAlarmRegister",
  group: "MANAGEMENT",
  effect: "writes",
  notification: "CLEAR_ALARM_REGISTER",
  failure: "fault",
});
