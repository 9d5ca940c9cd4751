import { setAlarmNotifications } from "../../../operations/configuration/set-alarm-notifications.ts";
import type { smConfiguration as wire } from "../../generated/index.ts";
import { change, wireForm } from "../wire-form.ts";

function toAlarmNotifications({ AlarmNotifications }: wire.SetAlarmNotificationsRequestData) {
  return {
    notifications: AlarmNotifications.AlarmNotification.map(({ AlarmType, Enabled }) => ({
      alarm: AlarmType,
      enabled: Enabled,
    })),
  };
}

export const setAlarmNotificationsForm = wireForm(setAlarmNotifications, "sm-configuration:SetAlarmNotifications", {
  ...change,
  request: (r) => toAlarmNotifications(r.SetAlarmNotificationsRequestData),
  bundle: {
    element: "SetAlarmNotificationsRequest",
    request: toAlarmNotifications,
    success: "Set alarm notifications was successful",
  },
});
