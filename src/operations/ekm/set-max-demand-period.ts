import { type Confirmation, DEMAND_PERIODS, requireOneOf } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

/** Says over how many minutes a meter averages demand. */
export const setMaxDemandPeriod = defineOperation<{ readonly periodMinutes: number }, Confirmation>({
  name: "SetMaxDemandPeriod",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_MAX_DEMAND_PERIOD",
  failure: "fault",
  check({ periodMinutes }) {
    requireOneOf("PeriodMinutes", periodMinutes, DEMAND_PERIODS);
  },
});
