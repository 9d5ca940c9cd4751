import { type Confirmation, requireOneOf } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

const RATIOS = [100, 200, 400, 600, 800, 1000, 1200, 1500, 2000, 3000, 4000, 5000];

/** Tells a meter which current transformers it has. */
export const setCTRatio = defineOperation<{ readonly ctRatio: number }, Confirmation>({
  name: "SetCTRatio",
  group: "CONFIGURATION",
  effect: "writes",
  notification: "SET_CT_RATIO",
  failure: "fault",
  check({ ctRatio }) {
    requireOneOf("CtRatio", ctRatio, RATIOS);
  },
});
