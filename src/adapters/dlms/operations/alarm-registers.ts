import type { AttributeReference } from "../../../dlms/apdu.ts";
import type { AlarmRegister } from "../alarm-bits.ts";
import { attributeOf, findObject, hasObject, type ObjectTag, type Profile } from "../profiles/index.ts";

const REGISTERS: readonly (readonly [AlarmRegister, ObjectTag])[] = [
  [1, "ALARM_REGISTER_1"],
  [2, "ALARM_REGISTER_2"],
  [3, "ALARM_REGISTER_3"],
];

/** The alarm registers that meters of this profile have; attribute 2 of each is a double-long-unsigned. */
export function alarmRegisters(
  profile: Profile,
): { readonly register: AlarmRegister; readonly tag: ObjectTag; readonly value: AttributeReference }[] {
  return REGISTERS.filter(([, tag]) => hasObject(profile, tag)).map(([register, tag]) => ({
    register,
    tag,
    value: attributeOf(findObject(profile, tag), 2),
  }));
}
