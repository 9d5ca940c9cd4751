import { requireRange } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";
import type { CosemDateHex } from "../values.ts";

export interface SpecialDay {
  readonly date: CosemDateHex;
  readonly dayId: number;
}

/** Overwrites the whole table of special days. */
export const setSpecialDays = defineOperation<{ readonly specialDays: readonly SpecialDay[] }, Nothing>({
  name: "SetSpecialDays",
  group: "TARIFF_SCHEDULING",
  effect: "writes",
  notification: "SET_SPECIAL_DAYS",
  failure: "result",
  check({ specialDays }) {
    for (const { dayId } of specialDays) requireRange("dayId", dayId, 0, 255);
  },
});
