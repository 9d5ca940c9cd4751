import { defineOperation, type Nothing } from "../operation.ts";

export interface AlarmNotifications {
  readonly notifications: readonly { readonly alarm: string; readonly enabled: boolean }[];
}

/** Switches the alarms that are named; the others stay. */
export const setAlarmNotifications = defineOperation<AlarmNotifications, Nothing>({
  name: "SetAlarmNotifications",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_ALARM_NOTIFICATIONS",
  failure: "result",
});
