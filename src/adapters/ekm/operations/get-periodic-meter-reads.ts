import { MetergateError } from "../../../domain/errors.ts";
import { SUMMARIES } from "../../../ekm/unverified.ts";
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

/** Readings in their order, and what each is of: the end of a period that it is not much later than. */
interface Found {
  readonly readings: readonly RawReading[];
  readonly endOf: (timeMs: number) => number | undefined;
}

async function quarters({ meter }: OperationContext): Promise<Found> {
  const readings = [...(await meter.readings(MOST_READINGS))].reverse();
  return { readings, endOf: (timeMs) => Math.floor(timeMs / QUARTER_MS) * QUARTER_MS };
}

/** @throws MetergateError VALIDATION_ERROR for more days than the cloud tells at once */
async function midnights(
  { meter, device: { timezone } }: OperationContext,
  { periodType, beginMs, endMs }: PeriodicReads & { readonly periodType: "DAILY" | "MONTHLY" },
): Promise<Found> {
  const of = periodType === "DAILY" ? "days" : "months";
  const moments = localMidnights(timezone, beginMs, endMs, of, MOST_SUMMARIES);
  const [first, last] = [moments[0], moments.at(-1)];
  if (first === undefined || last === undefined) return { readings: [], endOf: () => undefined };
  if (moments.length === MOST_SUMMARIES) {
    throw new MetergateError("VALIDATION_ERROR", `the period has more reads than can be asked for: ${MOST_SUMMARIES}`);
  }
  const local = (epochMs: number) => localTimeIn(timezone, epochMs);
  const report = SUMMARIES.reports[periodType];
  const readings = await meter.summaries(report, local(first), local(last + DAY_MS));
  return { readings, endOf: (timeMs) => moments.findLast((moment) => moment <= timeMs) };
}

/**
 * The registers at the ends of quarter-hours, by UTC, of the latest readings that the cloud has; and at those of days and
 * months, by the meter's time zone, of what it has summed up. Of each the first reading after its end. What was not read
 * then is left out.
 */
export const getPeriodicMeterReadsExecution = execution(getPeriodicMeterReads, {
  async run(context, request) {
    const { periodType, beginMs, endMs } = request;
    const { readings, endOf } =
      periodType === "INTERVAL" ? await quarters(context) : await midnights(context, { ...request, periodType });
    const first = new Map<number, ReturnType<typeof typedReading>>();
    for (const reading of readings) {
      const ended = endOf(reading.timeMs);
      if (ended === undefined || ended < beginMs || ended > endMs || reading.timeMs - ended > MOST_LATE_MS) continue;
      if (!first.has(ended)) first.set(ended, typedReading(reading));
    }
    const wattHours = (kwh: string | undefined) => (kwh === undefined ? null : shiftDecimal(kwh, 3));
    return {
      periodType,
      registers: (["import", "export"] as const).map((register) => ({ register, unit: "Wh" as const })),
      reads: [...first].map(([epochMs, { energyKwh }]) => ({
        time: { epochMs },
        values: [wattHours(energyKwh.import), wattHours(energyKwh.export)],
      })),
    };
  },
});
