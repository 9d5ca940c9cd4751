import { isTimeZone } from "../../lib/time-zone.ts";
import { refuse } from "../checks.ts";
import { defineOperation, type Nothing } from "../operation.ts";

/** Sets the clock to the present time, in the zone that the request names. */
export const synchronizeTime = defineOperation<{ readonly timeZone: string }, Nothing>({
  name: "SynchronizeTime",
  group: "AD_HOC",
  effect: "writes",
  notification: "SYNCHRONIZE_TIME",
  failure: "result",
  check({ timeZone }) {
    if (!isTimeZone(timeZone)) refuse(`TimeZone is not an IANA zone: ${timeZone}`);
  },
});
