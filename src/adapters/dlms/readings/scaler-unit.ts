import { asNumber, asStructure, type CosemData } from "../../../dlms/data.ts";
import { DlmsError } from "../../../dlms/errors.ts";
import type { Unit } from "../../../domain/unit.ts";
import { type DecimalText, decimalText, floatText, shiftDecimal } from "../../../lib/decimal.ts";

/** What a register's number means: value × 10^scaler in this unit. */
export interface Scale {
  /** −128 … 127 */
  readonly scaler: number;
  readonly unit: Unit;
}

/** Units by their number in scaler_unit, the enum of the Blue Book's table "Units". */
const UNIT_CODES: readonly (Unit | undefined)[] = [
  ...([undefined, "year", "month", "week", "d", "h", "min", "s", "°", "°C"] as const),
  ...(["currency", "m", "m/s", "m³", "m³ corrected", "m³/h", "m³/h corrected", "m³/d", "m³/d corrected", "l"] as const),
  ...(["kg", "N", "Nm", "Pa", "bar", "J", "J/h", "W", "VA", "var"] as const),
  ...(["Wh", "VAh", "varh", "A", "C", "V", "V/m", "F", "Ω", "Ωm²/m"] as const),
  ...(["Wb", "T", "A/m", "H", "Hz", "1/Wh", "1/varh", "1/VAh", "V²h", "A²h"] as const),
  ...(["kg/s", "S", "K", "1/V²h", "1/A²h", "1/m³", "%", "Ah", undefined, undefined] as const),
  ...(["Wh/m³", "J/m³", "mol%", "g/m³", "Pa s", "J/kg", undefined, undefined, undefined, undefined] as const),
  ...(["dBm", "dBµV", "dB"] as const),
];
const COUNT = 255;

/** The unit of an enum value 0 … 255; what the table does not have is "undefined". */
export function unitOfCode(code: number): Unit {
  return code === COUNT ? "count" : (UNIT_CODES[code] ?? "undefined");
}

/**
 * Attribute scaler_unit of classes 3, 4 and 5.
 * @throws DlmsError `remote/unexpected-type`
 */
export function decodeScalerUnit(data: CosemData): Scale {
  const [scaler, unit] = asStructure(data, 2, "scaler_unit");
  return { scaler: asNumber(scaler, "scaler"), unit: unitOfCode(asNumber(unit, "unit")) };
}

/** What a meter sent as a number, before its scaler: digits for what is floating-point. */
export type Unscaled = number | bigint | DecimalText;

/**
 * @returns undefined when the meter has no value: null-data, dont-care, NaN or infinity
 * @throws DlmsError `remote/unexpected-type` for what is no number, `remote/malformed` for a bcd of other digits
 */
export function unscaled(data: CosemData): Unscaled | undefined {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return undefined;
    case "float32":
      return floatText(data.value, 32);
    case "float64":
      return floatText(data.value, 64);
    case "long64":
    case "long64-unsigned":
      return data.value;
    case "bcd":
      return fromBcd(data.value);
    default:
      return asNumber(data);
  }
}

/**
 * A measured value with all of its digits.
 * @param scaler −128 … 127
 */
export function scaled(value: Unscaled, scaler: number): DecimalText {
  return typeof value === "string" ? shiftDecimal(value, scaler) : decimalText(value, scaler);
}

/** {@link unscaled} and {@link scaled}. */
export function scaledText(data: CosemData, scaler: number): DecimalText | undefined {
  const value = unscaled(data);
  return value === undefined ? undefined : scaled(value, scaler);
}

function fromBcd(octet: number): number {
  const [tens, ones] = [octet >> 4, octet & 0x0f];
  if (tens > 9 || ones > 9) throw new DlmsError("remote/malformed", "a bcd value has digits beyond 9", { octet });
  return tens * 10 + ones;
}
