import { setMaxDemandResetInterval } from "../../../operations/ekm/set-max-demand-reset-interval.ts";
import { RESET_INTERVALS } from "../../../operations/ekm.ts";
import { execution, notInV3 } from "../execution.ts";
import { fieldIs } from "../shows.ts";

export const setMaxDemandResetIntervalExecution = execution(setMaxDemandResetInterval, {
  missing: notInV3("interval after which the maximum demand begins anew"),
  run({ meter }, { interval }) {
    const number = RESET_INTERVALS.indexOf(interval);
    return meter.change("SetMaxDemandResetInterval", { interval: number }, fieldIs("Max_Demand_Rst", number));
  },
});
