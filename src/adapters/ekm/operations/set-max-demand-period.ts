import { setMaxDemandPeriod } from "../../../operations/ekm/set-max-demand-period.ts";
import { DEMAND_PERIODS } from "../../../operations/ekm.ts";
import { execution } from "../execution.ts";
import { fieldIs } from "../shows.ts";

export const setMaxDemandPeriodExecution = execution(setMaxDemandPeriod, {
  run({ meter }, { periodMinutes }) {
    const number = DEMAND_PERIODS.indexOf(periodMinutes) + 1;
    return meter.change("SetMaxDemandPeriod", { max_demand_period: number }, fieldIs("Max_Demand_Period", number));
  },
});
