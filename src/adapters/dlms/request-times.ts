import { type CosemDate, type CosemDateTime, decodeDate, decodeDateTime, decodeTime } from "../../dlms/date-time.ts";
import { DlmsError } from "../../dlms/errors.ts";
import { MetergateError } from "../../domain/errors.ts";
import { fromHex } from "../../lib/bytes.ts";

/** Days of the month in a leap year: a date without a year may be 29 February. */
const LONGEST_MONTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

function refuse(name: string, hex: string, why: string, cause?: unknown): never {
  throw new MetergateError("VALIDATION_ERROR", `${name} ${hex} ${why}`, { cause });
}

function decode<T>(name: string, hex: string, what: string, decoder: (octets: Uint8Array) => T): T {
  try {
    return decoder(fromHex(hex));
  } catch (error) {
    if (error instanceof DlmsError) refuse(name, hex, `is no COSEM ${what}: ${error.message}`, error);
    throw error;
  }
}

/** A date may leave fields open; those that it has must be able to meet. */
function requirePossible(name: string, hex: string, { year, month, day }: CosemDate): void {
  if (typeof month !== "number" || typeof day !== "number") return;
  const isShort = month === 2 && year !== undefined && !(year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0));
  const days = isShort ? 28 : LONGEST_MONTHS[month - 1]!;
  if (day > days) refuse(name, hex, `is a day that does not exist: month ${month} has ${days}`);
}

/**
 * A date and time of a request, 12 octets as hexadecimal digits; fields may be left open.
 * @param name of the element, for the error
 * @throws MetergateError VALIDATION_ERROR when a field is out of its range or the day does not exist; so do the two below.
 */
export function requireDateTime(name: string, hex: string): CosemDateTime {
  const value = decode(name, hex, "date-time", decodeDateTime);
  requirePossible(name, hex, value);
  return value;
}

/** As `requireDateTime`, for the 5 octets of a date. */
export function requireDate(name: string, hex: string): void {
  requirePossible(name, hex, decode(name, hex, "date", decodeDate));
}

/** As `requireDateTime`, for the 4 octets of a time. */
export function requireTime(name: string, hex: string): void {
  decode(name, hex, "time", decodeTime);
}
