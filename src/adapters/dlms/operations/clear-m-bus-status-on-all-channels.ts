import { asNumber, cosem } from "../../../dlms/data.ts";
import { clearMBusStatusOnAllChannels } from "../../../operations/management/clear-m-bus-status-on-all-channels.ts";
import { execution, missingObject, requireSuccess } from "../execution.ts";
import { attributeOf, findObject, methodOf } from "../profiles/index.ts";

const CHANNELS = [1, 2, 3, 4] as const;
const RESET_ALARM = 4;

/** Clears just the bits that are set, so that one which comes meanwhile is not lost. */
export const clearMBusStatusOnAllChannelsExecution = execution(clearMBusStatusOnAllChannels, {
  missing: (profile) => missingObject(profile, "CLEAR_MBUS_STATUS"),
  async run({ meter, profile }) {
    for (const channel of CHANNELS) {
      const status = await meter.get(attributeOf(findObject(profile, "READ_MBUS_STATUS", channel), 2));
      const bits = asNumber(status, "M-Bus status");
      if (bits === 0) continue;
      const clear = attributeOf(findObject(profile, "CLEAR_MBUS_STATUS", channel), 2);
      const cleared = await meter.set(clear, cosem.doubleLongUnsigned(bits));
      requireSuccess(cleared, `Unable to clear the M-Bus status of channel ${channel}: `);
      const resetAlarm = methodOf(findObject(profile, "MBUS_CLIENT_SETUP", channel), RESET_ALARM);
      const { result } = await meter.action(resetAlarm, cosem.integer(0));
      requireSuccess(result, `Unable to reset the alarm of channel ${channel}: `);
    }
    return {};
  },
});
