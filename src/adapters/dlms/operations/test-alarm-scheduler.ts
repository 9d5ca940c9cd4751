import { type CosemData, cosem } from "../../../dlms/data.ts";
import { dateTimeFromEpochMs, encodeDate, encodeTime } from "../../../dlms/date-time.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { testAlarmScheduler } from "../../../operations/adhoc/test-alarm-scheduler.ts";
import { execution, missingObject, requireSuccess } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";

const SCHEDULES = { PARTIAL_POWER_OUTAGE: "PHASE_OUTAGE_TEST", LAST_GASP: "LAST_GASP_TEST" } as const;

/**
 * execution_time (class 22, attribute 4) with one entry: time, then date. Hundredths are 0 (Blue Book, class 22).
 * @param epochMs milliseconds since 1970-01-01T00:00:00Z
 * @param timeZone IANA name of the meter's zone
 */
export function encodeExecutionTime(epochMs: number, timeZone: string): CosemData {
  const local = { ...dateTimeFromEpochMs(epochMs, timeZone), dayOfWeek: undefined, hundredths: 0 };
  return cosem.array([cosem.structure([cosem.octetString(encodeTime(local)), cosem.octetString(encodeDate(local))])]);
}

export const testAlarmSchedulerExecution = execution(testAlarmScheduler, {
  missing: (profile) => missingObject(profile, "PHASE_OUTAGE_TEST"),
  async run({ meter, profile, device, clock }, { scheduleTimeMs, alarmType }) {
    const object = findObject(profile, SCHEDULES[alarmType]);
    if (scheduleTimeMs <= clock.now()) {
      throw new MetergateError("VALIDATION_ERROR", "ScheduleTime lies in the past; a test alarm needs a time to come");
    }
    const result = await meter.set(attributeOf(object, 4), encodeExecutionTime(scheduleTimeMs, device.timezone));
    requireSuccess(result, "AccessResultCode for scheduleTestAlarm: ");
    return {};
  },
});
