import type { Meter } from "../meter.ts";
import { deviationAt } from "../meter-time.ts";
import { capturedValue, type Row } from "./profile-generic.ts";

const MINUTE_MS = 60_000;
const DAY_S = 86_400;
/** Before this moment the meter had not been built: rows begin here at the earliest. */
const BUILT_MS = Date.UTC(2015, 7, 1);

function rowAt(meter: Meter, timeMs: number, row: number): Row {
  return { timeMs, cell: (object) => capturedValue(meter, object, timeMs, row) };
}

/**
 * Rows at full periods of the meter's local time (midnight for a period of a day) up to now.
 * A row keeps its number for ever, so the same row is the same at each reading.
 */
export function periodicRows(meter: Meter, capturePeriodS: number, entries: number): Row[] {
  if (capturePeriodS === 0) return [];
  const nowMs = meter.nowMs();
  const periodMs = capturePeriodS * 1000;
  const rows: Row[] = [];
  // Local time counts as if it were UTC; periods shorter than a day are not touched by daylight saving.
  const shiftMs = capturePeriodS >= DAY_S ? -deviationAt(nowMs, meter.zone) * MINUTE_MS : 0;
  const latest = Math.floor((nowMs + shiftMs) / periodMs);
  for (let number = latest - entries + 1; number <= latest; number++) {
    const atMs = number * periodMs;
    const timeMs = capturePeriodS >= DAY_S ? localToInstant(meter, atMs) : atMs;
    if (timeMs >= BUILT_MS && timeMs <= nowMs) rows.push(rowAt(meter, timeMs, number));
  }
  return rows;
}

/** Rows at the first moment of each month of the meter's local time, up to now. */
export function monthlyRows(meter: Meter, _capturePeriodS: number, entries: number): Row[] {
  const nowMs = meter.nowMs();
  const local = new Date(nowMs - deviationAt(nowMs, meter.zone) * MINUTE_MS);
  const latest = local.getUTCFullYear() * 12 + local.getUTCMonth();
  const rows: Row[] = [];
  for (let number = latest - entries + 1; number <= latest; number++) {
    const timeMs = localToInstant(meter, Date.UTC(Math.floor(number / 12), number % 12, 1));
    if (timeMs >= BUILT_MS && timeMs <= nowMs) rows.push(rowAt(meter, timeMs, number));
  }
  return rows;
}

/**
 * `localMs` reads like UTC but means local time. The clock may change between the two, on the same day far from Greenwich;
 * at midnight itself no zone here changes its offset.
 */
function localToInstant(meter: Meter, localMs: number): number {
  const { zone } = meter;
  const nearbyMs = localMs + deviationAt(localMs, zone) * MINUTE_MS;
  return localMs + deviationAt(nearbyMs, zone) * MINUTE_MS;
}
