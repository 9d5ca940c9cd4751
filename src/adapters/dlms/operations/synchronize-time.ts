import { cosem } from "../../../dlms/data.ts";
import { synchronizeTime } from "../../../operations/adhoc/synchronize-time.ts";
import { execution, requireSuccess } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { encodeMeterTime, missingClock } from "./clock.ts";

/** Sets the clock to the present time, in the zone that the request names; the record keeps the zone. */
export const synchronizeTimeExecution = execution(synchronizeTime, {
  missing: missingClock,
  async run({ meter, profile, device, clock, records }, { timeZone }) {
    await meter.open();
    const time = attributeOf(findObject(profile, "CLOCK"), 2);
    const result = await meter.set(time, cosem.octetString(encodeMeterTime(clock.now(), timeZone)));
    requireSuccess(result, "AccessResultCode for synchronizeTime: ");
    await records.setTimezone(device.identification, timeZone);
    return {};
  },
});
