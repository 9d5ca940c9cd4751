import { MetergateError } from "../../../domain/errors.ts";
import { getActualMeterReads } from "../../../operations/monitoring/get-actual-meter-reads.ts";
import type { EnergyRegister, Reading } from "../../../operations/readings.ts";
import { execution } from "../execution.ts";
import { type Attributes, meteringOf, readAttributes, requireAttribute } from "./attributes.ts";

/** Attributes of the Metering cluster that hold what an electricity meter counts. */
const REGISTERS: Readonly<Record<EnergyRegister, number>> = {
  import: 0x0000,
  export: 0x0001,
  importTariff1: 0x0100,
  exportTariff1: 0x0101,
  importTariff2: 0x0102,
  exportTariff2: 0x0103,
};
const SCALE = { unit: 0x0300, multiplier: 0x0301, divisor: 0x0302 } as const;
/** Kilowatt-hours, in binary and in BCD registers alike: the value is a number here. */
const KWH: ReadonlySet<number> = new Set([0x00, 0x80]);
/** Digits behind the point of a watt-hour that are told at most. */
const MOST_DIGITS = 6;

/** What the registers of a meter behind a gateway hold now. */
export const getActualMeterReadsExecution = execution(
  getActualMeterReads,
  async (context) => {
    const ids = [...Object.values(REGISTERS), ...Object.values(SCALE)];
    const attributes = await readAttributes(context, meteringOf(context), ids);
    const toReading = scaleOf(attributes);
    const energy = Object.entries(REGISTERS).map(([register, id]) => {
      return [register, toReading(requireAttribute(attributes, id, register))];
    });
    return { time: { epochMs: attributes.atMs }, energy: Object.fromEntries(energy) };
  },
  () => undefined,
  "meter",
);

/** @throws MetergateError ERROR_RETRIEVING_ATTRIBUTE_VALUE when the meter does not say what its numbers mean */
function scaleOf({ values }: Attributes): (raw: number) => Reading {
  const [unit = 0, multiplier = 0, divisor = 0] = [SCALE.unit, SCALE.multiplier, SCALE.divisor].map((id) =>
    values.get(id),
  );
  if (!KWH.has(unit) || multiplier === 0 || divisor === 0) {
    const text = `the meter's scale is unknown: unit ${unit}, multiplier ${multiplier}, divisor ${divisor}`;
    throw new MetergateError("ERROR_RETRIEVING_ATTRIBUTE_VALUE", text);
  }
  return (raw) => ({ value: quotient(BigInt(raw) * BigInt(multiplier) * 1000n, BigInt(divisor)), unit: "Wh" });
}

/** Exact where it has an end within six digits behind the point, cut off there otherwise. */
function quotient(dividend: bigint, divisor: bigint): string {
  const whole = dividend / divisor;
  let rest = dividend % divisor;
  let digits = "";
  while (rest !== 0n && digits.length < MOST_DIGITS) {
    rest *= 10n;
    digits += rest / divisor;
    rest %= divisor;
  }
  return digits === "" ? `${whole}` : `${whole}.${digits}`;
}
