import { setCTRatio } from "../../../operations/ekm/set-c-t-ratio.ts";
import { execution } from "../execution.ts";
import { fieldIs } from "../shows.ts";

export const setCTRatioExecution = execution(setCTRatio, {
  run: ({ meter }, { ctRatio }) =>
    meter.change("SetCTRatio", { ct_ratio: String(ctRatio) }, fieldIs("CT_Ratio", ctRatio)),
});
