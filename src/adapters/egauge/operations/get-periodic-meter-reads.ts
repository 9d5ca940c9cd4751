import { MetergateError } from "../../../domain/errors.ts";
import { localMidnights } from "../../../lib/time-zone.ts";
import { getPeriodicMeterReads } from "../../../operations/monitoring/get-periodic-meter-reads.ts";
import type { PeriodicReads } from "../../../operations/readings.ts";
import { missingRegisters, readEnergy, wattHours } from "../energy.ts";
import { execution } from "../execution.ts";
import { formatStamp, stampMs } from "../stamp.ts";

const INTERVAL_MS = 900_000;
/** Reads of one request: a quarter of a year of quarter-hours. */
const MOST_READS = 9_000;
/** Moments that are asked for in one address. */
const MOMENTS_AT_ONCE = 100;

/** What to ask the meter for, a part at a time. */
function timesOf({ periodType, beginMs, endMs }: PeriodicReads, timeZone: string): { count: number; times: string[] } {
  if (periodType === "INTERVAL") {
    const from = Math.ceil(beginMs / INTERVAL_MS) * INTERVAL_MS;
    const to = Math.floor(endMs / INTERVAL_MS) * INTERVAL_MS;
    const count = Math.max(0, (to - from) / INTERVAL_MS + 1);
    return { count, times: count === 0 ? [] : [`${formatStamp(from)}:${INTERVAL_MS / 1000}:${formatStamp(to)}`] };
  }
  const moments = localMidnights(
    timeZone,
    beginMs,
    endMs,
    periodType === "MONTHLY" ? "months" : "days",
    MOST_READS + 1,
  );
  const times: string[] = [];
  for (let i = 0; i < moments.length; i += MOMENTS_AT_ONCE) {
    times.push(
      moments
        .slice(i, i + MOMENTS_AT_ONCE)
        .map(formatStamp)
        .join(","),
    );
  }
  return { count: moments.length, times };
}

/** Quarter-hours by UTC, days and months by the meter's time zone. */
export const getPeriodicMeterReadsExecution = execution(getPeriodicMeterReads, {
  missing: (device) => missingRegisters(device, "importRegister"),
  async run(context, request) {
    const { importRegister = "", exportRegister } = context.device.egauge;
    const { count, times } = timesOf(request, context.device.timezone);
    if (count > MOST_READS) {
      throw new MetergateError(
        "VALIDATION_ERROR",
        `the period has ${count} reads; ${MOST_READS} can be asked for at once`,
      );
    }
    const names = [importRegister, ...(exportRegister === undefined ? [] : [exportRegister])];
    const reads: Awaited<ReturnType<typeof readEnergy>>["rows"][number][] = [];
    for (const time of times) {
      const { rows } = await readEnergy(context, names, time);
      reads.push(...rows.filter((row) => stampMs(row.time) >= request.beginMs && stampMs(row.time) <= request.endMs));
    }
    return {
      periodType: request.periodType,
      times: { epochMs: reads.map(({ time }) => stampMs(time)) },
      registers: names.map((_, i) => ({
        register: i === 0 ? ("import" as const) : ("export" as const),
        unit: "Wh" as const,
        values: reads.map(({ counters }) => wattHours(counters[i]!)),
      })),
    };
  },
});
