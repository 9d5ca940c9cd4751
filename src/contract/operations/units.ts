import { MetergateError } from "../../domain/errors.ts";
import type { Unit } from "../../domain/unit.ts";
import { type DecimalText, shiftDecimal } from "../../lib/decimal.ts";
import type { common, smMonitoring } from "../generated/index.ts";

/** What the contract calls a unit. It has no watt-hours: their values are told in kWh. */
const NAMES: Readonly<Record<Unit, common.OsgpUnitType>> = {
  undefined: "UNDEFINED",
  count: "COUNT",
  year: "Y",
  month: "MO",
  week: "WK",
  d: "D",
  h: "H",
  min: "MIN",
  s: "SD",
  "°": "DEGREE",
  "°C": "DEGREE_CELCIUS",
  currency: "CURRENCY",
  m: "M",
  "m/s": "METER_PER_SECOND",
  "m³": "M3",
  "m³ corrected": "M3",
  "m³/h": "M3_FLUX",
  "m³/h corrected": "M3_FLUX_CORR",
  "m³/d": "VOLUME_FLUX",
  "m³/d corrected": "VOLUME_FLUX_CORR",
  l: "L",
  kg: "KILOGRAM",
  N: "NEWTON",
  Nm: "NEWTON_METER",
  Pa: "PASCAL",
  bar: "BAR",
  J: "J",
  "J/h": "JOULE_PER_HOUR",
  W: "W",
  VA: "VOLT_AMPERE",
  var: "VAR",
  Wh: "KWH",
  VAh: "VOLT_AMP_HOUR",
  varh: "VAR_HOUR",
  A: "AMP",
  C: "COULOMB",
  V: "V",
  "V/m": "VOLT_PER_METER",
  F: "FARAD",
  Ω: "O",
  "Ωm²/m": "RESTISTIVITY",
  Wb: "WEBER",
  T: "TESLA",
  "A/m": "AMP_PER_METER",
  H: "HENRY",
  Hz: "HERTZ",
  "1/Wh": "ACTIVE_ENERGY",
  "1/varh": "REACTIVE_ENERGY",
  "1/VAh": "APPARENT_ENERGY",
  "V²h": "VOLT_SQUARED_HOURS",
  "A²h": "AMP_SQUARED_HOURS",
  "kg/s": "KG_PER_SECOND",
  S: "SIEMENS",
  K: "KELVIN",
  "1/V²h": "VOLT_PULSE_VALUE",
  "1/A²h": "AMP_PULSE_VALUE",
  "1/m³": "VOLUME",
  "%": "PERCENTAGE",
  Ah: "AMP_HOUR",
  "Wh/m³": "ENGERY",
  "J/m³": "WOBBE",
  "mol%": "MOLE_PERCENT",
  "g/m³": "MASS_DENSITY",
  "Pa s": "PASCAL_SECOND",
  "J/kg": "JOULE_KG",
  dBm: "DB_MILLIWAT",
  dBµV: "DB_MICROVOLT",
  dB: "DB",
};
const WATT_HOURS_PER_KWH_DIGITS = 3;
const MAX_METER_VALUE = 2n ** 63n - 1n;
/** Digits of that, of which fewer always fit. */
const MAX_DIGITS = 19;

/** A value in the contract's unit, to the last digit. */
export function toQuantity(value: DecimalText, unit: Unit): { value: DecimalText; unit: common.OsgpUnitType } {
  return { value: unit === "Wh" ? shiftDecimal(value, -WATT_HOURS_PER_KWH_DIGITS) : value, unit: NAMES[unit] };
}

/**
 * A meter reading: energy in kWh or a volume in m³.
 * @returns undefined for a value that the schema has no room for: below 0 or above 2^63 − 1
 * @throws MetergateError ILLEGAL_RESPONSE for another unit
 */
export function toMeterValue(value: DecimalText, unit: Unit): smMonitoring.MeterValue | undefined {
  const quantity = toQuantity(value, unit);
  if (quantity.unit !== "KWH" && quantity.unit !== "M3") {
    throw new MetergateError("ILLEGAL_RESPONSE", `A meter reading in ${unit} is neither energy nor a volume`);
  }
  return fits(quantity.value) ? quantity : undefined;
}

function fits(value: DecimalText): boolean {
  if (value.length < MAX_DIGITS && !value.startsWith("-")) return true;
  if (value.startsWith("-")) return /^-[0.]+$/.test(value);
  const [whole = "0", fraction = ""] = value.split(".");
  return (
    whole.length < 19 ||
    BigInt(whole) < MAX_METER_VALUE ||
    (BigInt(whole) === MAX_METER_VALUE && !/[1-9]/.test(fraction))
  );
}
