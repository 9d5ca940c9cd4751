import { readAlarmRegister } from "../../../operations/monitoring/read-alarm-register.ts";
import { execution } from "../execution.ts";
import { meteringOf, readAttributes, requireAttribute } from "./attributes.ts";

/** Attribute of the Metering cluster that says what is wrong, and what its bits are to the contract. */
const STATUS = 0x0200;
const ALARMS: readonly (readonly [bit: number, alarm: string])[] = [
  // Check the meter: something that it found about itself.
  [0x01, "AUXILIARY_EVENT"],
  [0x02, "REPLACE_BATTERY"],
  [0x04, "FRAUD_ATTEMPT"],
  // Power failure, power quality, a leak: the contract has no names for them.
  [0x08, "AUXILIARY_EVENT"],
  [0x10, "AUXILIARY_EVENT"],
  [0x20, "AUXILIARY_EVENT"],
  // 0x40 tells of a switch that is open, which is no alarm.
];

/** What the meter behind a gateway says is wrong with it now; it forgets that by itself. */
export const readAlarmRegisterExecution = execution(
  readAlarmRegister,
  async (context) => {
    const status = requireAttribute(await readAttributes(context, meteringOf(context), [STATUS]), STATUS, "status");
    const alarms = ALARMS.filter(([bit]) => status & bit).map(([, alarm]) => alarm);
    return { alarms: [...new Set(alarms)].sort() };
  },
  () => undefined,
  "meter",
);
