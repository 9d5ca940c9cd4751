/** A decimal number as its digits: `-12.340`. No exponent, no floating point: every digit is one that was there. */
export type DecimalText = string;

/**
 * A whole number × 10^exponent. Zeros at the end stay, because they tell the resolution: 1000 × 10^−3 is `1.000`.
 * @param value a bigint, or a number up to 2^53 − 1
 */
export function decimalText(value: number | bigint, exponent: number): DecimalText {
  const text = String(value);
  const negative = text.startsWith("-");
  return point(negative ? "-" : "", negative ? text.slice(1) : text, exponent);
}

/** Decimal text × 10^places: its point moves, its digits stay. */
export function shiftDecimal(text: DecimalText, places: number): DecimalText {
  const sign = text.startsWith("-") ? "-" : "";
  const dot = text.indexOf(".");
  if (dot < 0) return point(sign, text.slice(sign.length), places);
  return point(sign, text.slice(sign.length, dot) + text.slice(dot + 1), places - (text.length - dot - 1));
}

/**
 * The shortest decimal text that reads back as this floating-point number, the digits that its sender can have meant.
 * @param bits 32 for a number that was sent in four octets
 * @returns undefined for NaN and infinity
 */
export function floatText(value: number, bits: 32 | 64): DecimalText | undefined {
  if (!Number.isFinite(value)) return undefined;
  const [mantissa = "", exponent = "0"] = shortest(value, bits).split("e");
  return shiftDecimal(mantissa, Number(exponent));
}

function shortest(value: number, bits: 32 | 64): string {
  if (bits === 32) {
    // Nine digits are enough for any number of 32 bits.
    for (let digits = 1; digits < 9; digits++) {
      const text = value.toExponential(digits - 1);
      if (Math.fround(Number(text)) === value) return text;
    }
    return value.toExponential(8);
  }
  return String(value);
}

/** Digits × 10^exponent, without zeros in front. */
function point(sign: string, digits: string, exponent: number): DecimalText {
  const significant = digits.startsWith("0") ? digits.replace(/^0+(?=\d)/, "") : digits;
  if (exponent >= 0) return significant === "0" ? "0" : sign + significant + "0".repeat(exponent);
  const padded = significant.padStart(1 - exponent, "0");
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

/**
 * A quotient of whole numbers to so many places behind the point, halves away from zero, without zeros at the end.
 * @param denominator above zero
 */
export function quotientText(numerator: bigint, denominator: bigint, places: number): DecimalText {
  const scaled = (numerator < 0n ? -numerator : numerator) * 10n ** BigInt(places);
  const rounded = (2n * scaled + denominator) / (2n * denominator);
  const digits = decimalText(rounded, -places);
  const text = digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits;
  return numerator < 0n && rounded !== 0n ? `-${text}` : text;
}

/** The exact difference of two decimal texts, with as many places behind the point as the longer one has. */
export function differenceText(minuend: DecimalText, subtrahend: DecimalText): DecimalText {
  const places = Math.max(placesOf(minuend), placesOf(subtrahend));
  const scaled = (text: DecimalText) => BigInt(text.replace(".", "") + "0".repeat(places - placesOf(text)));
  return decimalText(scaled(minuend) - scaled(subtrahend), -places);
}

function placesOf(text: DecimalText): number {
  return text.includes(".") ? text.length - text.indexOf(".") - 1 : 0;
}
