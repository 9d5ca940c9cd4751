import type { DecimalText } from "../../lib/decimal.ts";
import type { MeterTime } from "../../operations/readings.ts";
import type { smMonitoring } from "../generated/index.ts";
import { fromMeterTime } from "./readings.ts";

type Value = smMonitoring.PowerQualityValue["item"];

export function fromTime(time: MeterTime): Value {
  return { name: "DateValue", value: fromMeterTime(time) };
}

/**
 * A value as clients look for it: what counts as a whole number, all else with decimals, and an empty text in the place
 * of one that the meter does not have.
 */
export function fromValue(value: DecimalText | null | undefined, isCount: boolean): Value {
  if (value === null || value === undefined) return { name: "StringValue", value: "" };
  if (isCount && /^-?\d+$/.test(value)) return { name: "LongValue", value: BigInt(value) };
  return { name: "FloatValue", value };
}
