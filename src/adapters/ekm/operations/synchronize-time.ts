import { localTimeIn } from "../../../lib/time-zone.ts";
import { synchronizeTime } from "../../../operations/adhoc/synchronize-time.ts";
import { execution } from "../execution.ts";
import { setClock } from "./clock.ts";

/** Sets the clock to the present time in the zone that the request names; the record keeps the zone. */
export const synchronizeTimeExecution = execution(synchronizeTime, {
  async run({ meter, device, clock, records }, { timeZone }) {
    await setClock(meter, localTimeIn(timeZone, clock.now()));
    await records.setTimezone(device.identification, timeZone);
    return {};
  },
});
