import { setMaxDemandResetNow } from "../../../operations/ekm/set-max-demand-reset-now.ts";
import { execution } from "../execution.ts";
import { fieldsAreZero } from "../shows.ts";

export const setMaxDemandResetNowExecution = execution(setMaxDemandResetNow, {
  run: ({ meter }) => meter.change("SetMaxDemandResetNow", {}, fieldsAreZero("RMS_Watts_Max_Demand")),
});
