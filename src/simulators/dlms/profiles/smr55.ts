import { alarmFilter, alarmRegister } from "../classes/alarms.ts";
import { singleActionSchedule } from "../classes/diagnostics.ts";
import { pushSetup } from "../classes/push-setup.ts";
import { type MeterProfile, objectMap } from "./profile.ts";
import { SMR_5_2 } from "./smr52.ts";
import { XDLMS_MESSAGE } from "./smr500.ts";

/** SMR 5.5: last gasp over UDP, with an alarm register of its own. */
export const SMR_5_5: MeterProfile = {
  ...SMR_5_2,
  version: "5.5",
  objects: objectMap(
    [...SMR_5_2.objects.values()],
    [
      alarmRegister("0.0.97.98.2.255"),
      alarmFilter("0.0.97.98.12.255"),
      pushSetup("0.3.25.9.0.255", "udp", XDLMS_MESSAGE),
      singleActionSchedule("0.0.15.2.4.255", "0.0.10.0.106.255", 2),
    ],
  ),
};
