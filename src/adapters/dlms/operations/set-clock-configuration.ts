import { cosem } from "../../../dlms/data.ts";
import { fromHex } from "../../../lib/bytes.ts";
import { setClockConfiguration } from "../../../operations/configuration/set-clock-configuration.ts";
import { execution, refusal, resultName } from "../execution.ts";
import { attributeOf, findObject } from "../profiles/index.ts";
import { requireDateTime } from "../request-times.ts";
import { missingClock } from "./clock.ts";

export const setClockConfigurationExecution = execution(setClockConfiguration, {
  missing: missingClock,
  async run({ meter, profile, device }, request) {
    const object = findObject(profile, "CLOCK");
    requireDateTime("DaylightSavingsBegin", request.daylightSavingsBegin);
    requireDateTime("DaylightSavingsEnd", request.daylightSavingsEnd);
    const results = await meter.setList([
      { attribute: attributeOf(object, 3), value: cosem.long(request.timeZoneOffsetMinutes) },
      { attribute: attributeOf(object, 5), value: cosem.octetString(fromHex(request.daylightSavingsBegin)) },
      { attribute: attributeOf(object, 6), value: cosem.octetString(fromHex(request.daylightSavingsEnd)) },
      { attribute: attributeOf(object, 8), value: cosem.boolean(request.daylightSavingsEnabled) },
    ]);
    const failed = results.filter((result) => result !== "success");
    if (failed.length > 0) {
      const text = `Clock configuration was not set successfully for device ${device.identification}. ResultCode: `;
      throw refusal(text + failed.map(resultName).join(", "), failed);
    }
    return {};
  },
});
