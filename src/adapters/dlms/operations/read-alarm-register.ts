import { asNumber } from "../../../dlms/data.ts";
import { readAlarmRegister } from "../../../operations/monitoring/read-alarm-register.ts";
import { alarmsOf } from "../alarm-bits.ts";
import { execution, missingObject } from "../execution.ts";
import { alarmRegisters } from "./alarm-registers.ts";

/** Bits that stand for no alarm are passed over. */
export const readAlarmRegisterExecution = execution(readAlarmRegister, {
  missing: (profile) => missingObject(profile, "ALARM_REGISTER_1"),
  async run({ meter, profile }) {
    const registers = alarmRegisters(profile);
    const values = await meter.getAll(registers.map(({ value }) => value));
    return {
      alarms: registers.flatMap(({ register, tag }, i) => alarmsOf(register, asNumber(values[i]!, tag)).alarms),
    };
  },
});
