import { testAlarmScheduler } from "../../../operations/adhoc/test-alarm-scheduler.ts";
import { change, wireForm } from "../wire-form.ts";

export const testAlarmSchedulerForm = wireForm(testAlarmScheduler, "sm-adhoc:TestAlarmScheduler", {
  ...change,
  request: ({ TestAlarmSchedulerRequestData: { ScheduleTime, AlarmType } }) => ({
    scheduleTimeMs: ScheduleTime.getTime(),
    alarmType: AlarmType,
  }),
});
