import { dateTimeFromEpochMs, encodeDateTime } from "../../../dlms/date-time.ts";
import { missingObject } from "../execution.ts";
import type { Profile } from "../profiles/index.ts";

export const missingClock = (profile: Profile) => missingObject(profile, "CLOCK");

/**
 * A time as meters get it: day of week not specified, deviation and daylight saving as in the zone.
 * @param epochMs milliseconds since 1970-01-01T00:00:00Z
 * @param timeZone IANA name
 * @returns 12 octets
 */
export function encodeMeterTime(epochMs: number, timeZone: string): Uint8Array {
  return encodeDateTime({ ...dateTimeFromEpochMs(epochMs, timeZone), dayOfWeek: undefined });
}
