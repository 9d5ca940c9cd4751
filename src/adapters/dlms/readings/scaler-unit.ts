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

/**
 * A measured value with all of its digits.
 * @param scaler −128 … 127
 * @returns undefined when the meter has no value: null-data, dont-care, NaN or infinity
 * @throws DlmsError `remote/unexpected-type` for what is no number, `remote/malformed` for a bcd of other digits
 */
export function scaledText(data: CosemData, scaler: number): DecimalText | undefined {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return undefined;
    case "float32":
      return shifted(floatText(data.value, 32), scaler);
    case "float64":
      return shifted(floatText(data.value, 64), scaler);
    case "long64":
    case "long64-unsigned":
      return decimalText(data.value, scaler);
    case "bcd":
      return decimalText(fromBcd(data.value), scaler);
    default:
      return decimalText(asNumber(data), scaler);
  }
}

function shifted(text: DecimalText | undefined, scaler: number): DecimalText | undefined {
  return text === undefined ? undefined : shiftDecimal(text, scaler);
}

function fromBcd(octet: number): number {
  const [tens, ones] = [octet >> 4, octet & 0x0f];
  if (tens > 9 || ones > 9) throw new DlmsError("remote/malformed", "a bcd value has digits beyond 9", { octet });
  return tens * 10 + ones;
}
