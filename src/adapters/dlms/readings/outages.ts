import { asNumber, type CosemData } from "../../../dlms/data.ts";
import { parseObis } from "../../../lib/obis.ts";
import type { CaptureTime } from "./capture-time.ts";
import { CLOCK_TIME } from "./profile-access.ts";
import { ProfileRows } from "./profile-rows.ts";

/** A time without power, from the log of power failures. */
export interface Outage {
  readonly end: CaptureTime;
  /** 0 … 2^32 − 1; undefined when the meter does not tell. */
  readonly durationSeconds: number | undefined;
}

const DURATION = { classId: 3, logicalName: parseObis("0.0.96.7.19.255"), attribute: 2, dataIndex: 0 };

/**
 * Reads the log of long power failures, class 7 1.0.99.97.0.255: when each ended and how long it was.
 * @param timeZone IANA name of the meter's time zone
 * @throws DlmsError `remote/unexpected-type`, `remote/malformed`
 */
export function decodeOutages(entries: readonly CosemData[], timeZone: string): Outage[] {
  const rows = new ProfileRows({ columns: [CLOCK_TIME, DURATION], timeZone });
  return entries.flatMap((entry) => {
    const row = rows.add(entry);
    if (!row) return [];
    const duration = row.values[1];
    return { end: row.time, durationSeconds: duration && asNumber(duration, "duration") };
  });
}
