import { shiftDecimal } from "../../../lib/decimal.ts";
import { getPeriodicMeterReads } from "../../../operations/monitoring/get-periodic-meter-reads.ts";
import { typedReading } from "../codec/typed-reading.ts";
import { execution } from "../execution.ts";

const QUARTER_MS = 900_000;
/** A reading so long after the end of a quarter-hour still stands for it: one may be missing now and then. */
const MOST_LATE_MS = 180_000;
/** What the cloud gives at most: of one reading a minute, those of some sixteen hours. */
const MOST_READINGS = 1000;

/**
 * The registers at the ends of quarter-hours, of the readings that the cloud has: of each quarter-hour the first reading
 * after its end. What is older than they are, or was not read, is left out.
 */
export const getPeriodicMeterReadsExecution = execution(getPeriodicMeterReads, {
  missing: (_, request) =>
    request && request.periodType !== "INTERVAL"
      ? `EKM meters keep no profile, and the cloud no readings of earlier days: PeriodType ${request.periodType}`
      : undefined,
  async run({ meter }, { periodType, beginMs, endMs }) {
    const first = new Map<number, ReturnType<typeof typedReading>>();
    for (const reading of [...(await meter.readings(MOST_READINGS))].reverse()) {
      const quarterMs = Math.floor(reading.timeMs / QUARTER_MS) * QUARTER_MS;
      const isOf = quarterMs >= beginMs && quarterMs <= endMs && reading.timeMs - quarterMs <= MOST_LATE_MS;
      if (isOf && !first.has(quarterMs)) first.set(quarterMs, typedReading(reading));
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
