import { cosem } from "../../../dlms/data.ts";
import { dateTimeFromEpochMs, encodeDateTime } from "../../../dlms/date-time.ts";
import { MetergateError } from "../../../domain/errors.ts";
import { fromHex } from "../../../lib/bytes.ts";
import { missingObject, type Operation, requireSuccess, resultName } from "../operation.ts";
import { attributeOf, findObject, type Profile } from "../profiles/index.ts";
import { requireDateTime } from "../request-times.ts";

const missing = (profile: Profile) => missingObject(profile, "CLOCK");

/**
 * A time as meters get it: day of week not specified, deviation and daylight saving as in the zone.
 * @param epochMs milliseconds since 1970-01-01T00:00:00Z
 * @param timeZone IANA name
 * @returns 12 octets
 */
export function encodeMeterTime(epochMs: number, timeZone: string): Uint8Array {
  return encodeDateTime({ ...dateTimeFromEpochMs(epochMs, timeZone), dayOfWeek: undefined });
}

/** Sets the clock to the present time, in the zone that the request names; the record keeps the zone. */
export const synchronizeTime: Operation<"SynchronizeTime"> = {
  missing,
  async run({ meter, profile, device, clock, records }, { timeZone }) {
    await meter.open();
    const time = attributeOf(findObject(profile, "CLOCK"), 2);
    const result = await meter.set(time, cosem.octetString(encodeMeterTime(clock.now(), timeZone)));
    requireSuccess(result, "AccessResultCode for synchronizeTime: ");
    await records.setTimezone(device.identification, timeZone);
    return {};
  },
};

export const setClockConfiguration: Operation<"SetClockConfiguration"> = {
  missing,
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
    const failed = results.filter((result) => result !== "success").map(resultName);
    if (failed.length > 0) {
      const text = `Clock configuration was not set successfully for device ${device.identification}. ResultCode: `;
      throw new MetergateError("DEVICE_REFUSED", text + failed.join(", "));
    }
    return {};
  },
};
