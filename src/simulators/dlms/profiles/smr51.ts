import { singleActionSchedule } from "../classes/diagnostics.ts";
import { eventLog } from "../classes/event-log.ts";
import { CHANNELS } from "./common.ts";
import { clearMbusStatus } from "./gas.ts";
import { type MeterProfile, objectMap } from "./profile.ts";
import { SMR_5_0_0 } from "./smr500.ts";

/** SMR 5.1: auxiliary log, M-Bus status that can be cleared, test of the phase outage alarm. */
export const SMR_5_1: MeterProfile = {
  ...SMR_5_0_0,
  version: "5.1",
  objects: objectMap(
    [...SMR_5_0_0.objects.values()],
    CHANNELS.map(clearMbusStatus),
    [singleActionSchedule("0.0.15.1.4.255", "0.0.10.0.106.255", 1)],
    eventLog({
      name: "auxiliary",
      logicalName: "0.0.99.98.6.255",
      codeObject: "0.0.96.11.6.255",
      codeType: "long-unsigned",
      entries: 80,
      codes: [0x1000, 0x1003, 0x8080, 0x8083, 0x80a0, 0x80a1],
    }),
  ),
};
