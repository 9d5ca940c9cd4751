import { defineOperation, type Nothing } from "../operation.ts";

export interface TestAlarm {
  /** Epoch milliseconds. */
  readonly scheduleTimeMs: number;
  readonly alarmType: "PARTIAL_POWER_OUTAGE" | "LAST_GASP";
}

export const testAlarmScheduler = defineOperation<TestAlarm, Nothing>({
  name: "TestAlarmScheduler",
  group: "AD_HOC",
  effect: "writes",
  notification: "SCHEDULE_TEST_ALARM",
  failure: "result",
});
