import { fromHex, toHex } from "../lib/bytes.ts";
import type { BuiltInType } from "./tables.ts";

/** Types whose white space is kept (string) or turned into blanks (normalizedString); all others collapse it. */
const NO_COLLAPSE: ReadonlySet<BuiltInType> = new Set(["string", "normalizedString"]);

const RANGES: Partial<Record<BuiltInType, readonly [number, number]>> = {
  byte: [-0x80, 0x7f],
  short: [-0x8000, 0x7fff],
  int: [-0x8000_0000, 0x7fff_ffff],
  unsignedByte: [0, 0xff],
  unsignedShort: [0, 0xffff],
  unsignedInt: [0, 0xffff_ffff],
};

const LONG_MIN = -(2n ** 63n);
const LONG_MAX = 2n ** 63n - 1n;
/** More digits than any meter counts; without a bound, reading an xsd:integer of a megabyte would take minutes. */
const INTEGER = /^[+-]?0*\d{1,38}$/;
const DECIMAL = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/;
const HEX_OCTETS = /^(?:[0-9A-Fa-f]{2})*$/;
const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))?$/;

/** The text of an element after the white space processing of its type. */
export function normalizeSpace(base: BuiltInType, text: string): string {
  if (base === "string") return text;
  if (!/[\t\n\r ]/.test(text)) return text;
  const blanks = text.replace(/[\t\n\r]/g, " ");
  return NO_COLLAPSE.has(base) ? blanks : blanks.replace(/ +/g, " ").replace(/^ | $/g, "");
}

/**
 * Reads a lexical value whose white space has been processed.
 * @returns the value, or undefined when the text is not a value of the type
 */
export function parseValue(base: BuiltInType, text: string): unknown {
  switch (base) {
    case "string":
    case "normalizedString":
    case "anyURI":
      return text;
    case "boolean":
      return text === "true" || text === "1" ? true : text === "false" || text === "0" ? false : undefined;
    case "decimal":
      return DECIMAL.test(text) ? text.replace(/^\+/, "") : undefined;
    case "dateTime":
      return parseDateTime(text);
    case "hexBinary":
      return HEX_OCTETS.test(text) ? fromHex(text) : undefined;
    case "long":
    case "integer":
      return parseInteger(base, text);
    default:
      return parseBounded(base, text);
  }
}

function parseInteger(base: "long" | "integer", text: string): number | bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const value = BigInt(text);
  if (base === "long" && (value < LONG_MIN || value > LONG_MAX)) return undefined;
  const approximate = Number(value);
  return Number.isSafeInteger(approximate) ? approximate : value;
}

function parseBounded(base: BuiltInType, text: string): number | undefined {
  const value = INTEGER.test(text) ? Number(text) + 0 : undefined;
  return value !== undefined && inRange(base, value) ? value : undefined;
}

function inRange(base: BuiltInType, value: number): boolean {
  const range = RANGES[base];
  return range !== undefined && value >= range[0] && value <= range[1];
}

/**
 * xsd:dateTime of the years 1 to 9999, as an instant. A value without a zone is taken as UTC, as the public contract's
 * platform does. Digits beyond the millisecond are dropped.
 */
function parseDateTime(text: string): Date | undefined {
  const match = DATE_TIME.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const milliseconds = Number((match[7] ?? "").padEnd(3, "0").slice(0, 3));
  const midnightAtEnd = hour === 24 && minute === 0 && second === 0 && Number(match[7] ?? 0) === 0;
  if (year === 0 || minute > 59 || second > 59 || (hour > 23 && !midnightAtEnd)) return undefined;
  const zoneMinutes = Number(match[9] ?? 0) * 60 + Number(match[10] ?? 0);
  if (zoneMinutes > 14 * 60 || Number(match[10] ?? 0) > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  date.setUTCHours(hour, minute - (match[8] === "-" ? -zoneMinutes : zoneMinutes), second, milliseconds);
  return date;
}

/**
 * Writes a value in the form of its type; text is not escaped yet.
 * @returns the text, or undefined when the value is not one of the type
 */
export function formatValue(base: BuiltInType, value: unknown): string | undefined {
  switch (base) {
    case "string":
    case "normalizedString":
    case "anyURI":
      return typeof value === "string" ? value : undefined;
    case "boolean":
      return typeof value === "boolean" ? String(value) : undefined;
    case "decimal":
      return typeof value === "string" && DECIMAL.test(value) ? value : undefined;
    case "dateTime":
      return value instanceof Date ? formatDateTime(value) : undefined;
    case "hexBinary":
      return value instanceof Uint8Array ? toHex(value) : undefined;
    case "long":
      return isInteger(value) && value >= LONG_MIN && value <= LONG_MAX ? String(value) : undefined;
    case "integer":
      return isInteger(value) ? String(value) : undefined;
    default:
      return Number.isInteger(value) && inRange(base, value as number) ? String(value) : undefined;
  }
}

function isInteger(value: unknown): value is number | bigint {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}

/** The years 1 to 9999. */
const EARLIEST_MS = Date.parse("0001-01-01T00:00:00Z");
const LATEST_MS = Date.parse("9999-12-31T23:59:59.999Z");

function formatDateTime(date: Date): string | undefined {
  const ms = date.getTime();
  return ms >= EARLIEST_MS && ms <= LATEST_MS ? date.toISOString() : undefined;
}
