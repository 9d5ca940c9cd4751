import { refuse } from "../checks.ts";
import type { Confirmation, Schedule } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

/** Replaces one of the six schedules. */
export const setSchedule = defineOperation<Schedule, Confirmation>({
  name: "SetSchedule",
  group: "TARIFF_SCHEDULING",
  effect: "writes",
  notification: "SET_SCHEDULE",
  failure: "fault",
  check({ periods }) {
    const starts = periods.map(({ hour, minute }) => hour * 60 + minute);
    if (starts.some((start, i) => i > 0 && start <= starts[i - 1]!)) refuse("Periods must begin one after the other");
  },
});
