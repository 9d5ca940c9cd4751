import type { EkmReading } from "../ekm.ts";
import { defineOperation } from "../operation.ts";

/** Gives the latest readings that the cloud has of a meter, the latest first; 1000 at most. */
export const readMeter = defineOperation<{ readonly count: number }, { readonly readings: readonly EkmReading[] }>({
  name: "ReadMeter",
  group: "MONITORING",
  effect: "reads",
  notification: "READ_METER",
  failure: "fault",
});
