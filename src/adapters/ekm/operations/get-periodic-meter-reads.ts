import { MetergateError } from "../../../domain/errors.ts";
import { SUMMARIES } from "../../../ekm/unverified.ts";
import { until } from "../../../lib/clock.ts";
import { shiftDecimal } from "../../../lib/decimal.ts";
import { localMidnights, localTimeIn } from "../../../lib/time-zone.ts";
import { getPeriodicMeterReads } from "../../../operations/monitoring/get-periodic-meter-reads.ts";
import type { PeriodicReads } from "../../../operations/readings.ts";
import type { RawReading } from "../codec/readings.ts";
import { typedReading } from "../codec/typed-reading.ts";
import { execution, type OperationContext } from "../execution.ts";
import { MOST_SUMMARIES } from "../meter-session.ts";

const QUARTER_MS = 900_000;
const DAY_MS = 86_400_000;
/** A reading so long after the end of a period still stands for it: one may be missing now and then. */
const MOST_LATE_MS = 180_000;
/** What the cloud gives at most: of one reading a minute, those of some sixteen hours. */
const MOST_READINGS = 1000;
const KEPT_MS = 15 * 3_600_000;

/** Moments at which periods end, in their order. */
function endsOf({ periodType, beginMs, endMs }: PeriodicReads, timeZone: string): number[] {
  if (periodType !== "INTERVAL") {
    return localMidnights(timeZone, beginMs, endMs, periodType === "DAILY" ? "days" : "months", MOST_SUMMARIES + 1);
  }
  const first = Math.ceil(beginMs / QUARTER_MS) * QUARTER_MS;
  const count = Math.min(MOST_SUMMARIES + 1, Math.floor((endMs - first) / QUARTER_MS) + 1);
  return Array.from({ length: Math.max(0, count) }, (_, i) => first + i * QUARTER_MS);
}

/** Readings that may be the first after these moments, in their order: single ones where they are all kept still. */
async function readingsAt(
  { meter, clock, device: { timezone } }: OperationContext,
  ends: readonly number[],
  periodType: PeriodicReads["periodType"],
): Promise<readonly RawReading[]> {
  const [first, last] = [ends[0], ends.at(-1)];
  if (first === undefined || last === undefined) return [];
  if (periodType === "INTERVAL" && until(clock, first) > -KEPT_MS) {
    return [...(await meter.readings(MOST_READINGS))].reverse();
  }
  const local = (epochMs: number) => localTimeIn(timezone, epochMs);
  return meter.summaries(SUMMARIES.reports[periodType], local(first), local(last + DAY_MS));
}

/**
 * The registers at the ends of quarter-hours, by UTC, and at those of days and months, by the meter's time zone: of the
 * latest readings that the cloud has, or of what it has summed up. Of each the first reading after its end. What was not
 * read then is left out.
 */
export const getPeriodicMeterReadsExecution = execution(getPeriodicMeterReads, {
  async run(context, request) {
    const { periodType } = request;
    const ends = endsOf(request, context.device.timezone);
    if (ends.length > MOST_SUMMARIES) {
      const text = `the period has more reads than can be asked for at once, which are ${MOST_SUMMARIES}`;
      throw new MetergateError("VALIDATION_ERROR", text);
    }
    const first = new Map<number, ReturnType<typeof typedReading>>();
    for (const reading of await readingsAt(context, ends, periodType)) {
      const ended = ends.findLast((end) => end <= reading.timeMs);
      if (ended === undefined || reading.timeMs - ended > MOST_LATE_MS || first.has(ended)) continue;
      first.set(ended, typedReading(reading));
    }
    const wattHours = (kwh: string | undefined) => (kwh === undefined ? null : shiftDecimal(kwh, 3));
    return {
      periodType,
      times: { epochMs: [...first.keys()] },
      registers: (["import", "export"] as const).map((register) => ({
        register,
        unit: "Wh" as const,
        values: [...first.values()].map(({ energyKwh }) => wattHours(energyKwh[register])),
      })),
    };
  },
});
