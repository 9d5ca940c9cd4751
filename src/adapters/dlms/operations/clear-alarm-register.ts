import { cosem } from "../../../dlms/data.ts";
import { clearAlarmRegister } from "../../../operations/monitoring/clear-alarm-register.ts";
import { execution, missingObject, requireSuccess } from "../execution.ts";
import { alarmRegisters } from "./alarm-registers.ts";

/** One register after the other, up to the first that the meter does not let be cleared. */
export const clearAlarmRegisterExecution = execution(clearAlarmRegister, {
  missing: (profile) => missingObject(profile, "ALARM_REGISTER_1"),
  async run({ meter, profile }) {
    for (const { tag, value } of alarmRegisters(profile)) {
      const result = await meter.set(value, cosem.doubleLongUnsigned(0));
      requireSuccess(result, `AccessResultCode for clear alarm register ${tag} was not SUCCESS: `);
    }
    return {};
  },
});
