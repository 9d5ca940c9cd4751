import { changeProfile, data, profileGeneric, singleActionSchedule } from "./profile.ts";
import { SMR_5_0_0 } from "./smr500.ts";

export const SMR51_OBJECTS = [
  data("CLEAR_MBUS_STATUS", "0.x.94.31.10.255", "double-long-unsigned"),
  singleActionSchedule("PHASE_OUTAGE_TEST", "0.0.15.1.4.255"),
  profileGeneric("AUXILIARY_EVENT_LOG", "0.0.99.98.6.255"),
  data("AUXILIARY_EVENT_CODE", "0.0.96.11.6.255", "long-unsigned"),
];

export const SMR_5_1 = changeProfile(SMR_5_0_0, {
  protocol: { name: "SMR", version: "5.1" },
  objects: SMR51_OBJECTS,
});
