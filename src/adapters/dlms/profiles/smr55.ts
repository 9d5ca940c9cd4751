import { changeProfile, data, pushSetup, singleActionSchedule } from "./profile.ts";
import { SMR_5_2 } from "./smr52.ts";

export const SMR55_OBJECTS = [
  data("ALARM_REGISTER_3", "0.0.97.98.2.255", "double-long-unsigned"),
  data("ALARM_FILTER_3", "0.0.97.98.12.255", "double-long-unsigned"),
  pushSetup("PUSH_SETUP_UDP", "0.3.25.9.0.255"),
  singleActionSchedule("LAST_GASP_TEST", "0.0.15.2.4.255"),
];

export const SMR_5_5 = changeProfile(SMR_5_2, {
  protocol: { name: "SMR", version: "5.5" },
  objects: SMR55_OBJECTS,
});
