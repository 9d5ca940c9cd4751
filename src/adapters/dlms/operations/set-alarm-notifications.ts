import { asNumber, cosem } from "../../../dlms/data.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { setAlarmNotifications } from "../../../operations/configuration/set-alarm-notifications.ts";
import type { OperationRequest } from "../../../operations/registry.ts";
import { type AlarmRegister, alarmBit } from "../alarm-bits.ts";
import { execution, missingObject, requireSuccess } from "../execution.ts";
import { attributeOf, findObject, hasObject, type ObjectTag } from "../profiles/index.ts";

const FILTERS: readonly (readonly [AlarmRegister, ObjectTag])[] = [
  [1, "ALARM_FILTER_1"],
  [2, "ALARM_FILTER_2"],
  [3, "ALARM_FILTER_3"],
];

type Notifications = OperationRequest<"SetAlarmNotifications">["notifications"];

/**
 * A filter after the wishes that belong to its register: named alarms are switched, the others stay.
 * @param filter 0 … 2^32 − 1, bit 0 the least significant
 */
export function overlayFilter(filter: number, register: AlarmRegister, notifications: Notifications): number {
  let changed = filter;
  for (const { alarm, enabled } of notifications) {
    const place = alarmBit(alarm);
    if (place?.register !== register) continue;
    const mask = 1 << place.bit;
    changed = (enabled ? changed | mask : changed & ~mask) >>> 0;
  }
  return changed;
}

/** Alarms of a register that the meter does not have are passed over; a filter that stays the same is not written. */
export const setAlarmNotificationsExecution = execution(setAlarmNotifications, {
  missing: (profile) => missingObject(profile, "ALARM_FILTER_1"),
  async run({ meter, profile }, { notifications }) {
    const unknown = notifications.find(({ alarm }) => !alarmBit(alarm));
    if (unknown) throw new MetergateError("VALIDATION_ERROR", `There is no alarm ${unknown.alarm}`);
    for (const [register, tag] of FILTERS) {
      if (!hasObject(profile, tag)) continue;
      const attribute = attributeOf(findObject(profile, tag), 2);
      const filter = asNumber(await meter.get(attribute), tag);
      const changed = overlayFilter(filter, register, notifications);
      if (changed === filter) continue;
      const result = await meter.set(attribute, cosem.doubleLongUnsigned(changed));
      requireSuccess(result, "AccessResultCode for set alarm notifications was not SUCCESS: ");
    }
    return {};
  },
});
