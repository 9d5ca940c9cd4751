import { fromHex } from "../lib/bytes.ts";

/** Widths of whole numbers on the radio (ZCL): unsigned and signed. */
export const INTEGER_TYPES = {
  u8: { bits: 8, signed: false },
  u16: { bits: 16, signed: false },
  u24: { bits: 24, signed: false },
  u32: { bits: 32, signed: false },
  u48: { bits: 48, signed: false },
  s8: { bits: 8, signed: true },
  s16: { bits: 16, signed: true },
  s24: { bits: 24, signed: true },
  s32: { bits: 32, signed: true },
} as const;
export type IntegerType = keyof typeof INTEGER_TYPES;

const INTEGER = /^([+-]?)(?:0[xX]([0-9a-fA-F]{1,13})|(\d{1,15}))$/;

/**
 * Reads a whole number as gateways and their clients write it: decimal, or hexadecimal after `0x` in either case and with
 * any number of zeros in front; a minus comes before the `0x`. White space around it is usual.
 * @returns undefined when the text is no such number
 */
export function parseInteger(text: string): number | undefined {
  const [, sign, hex, decimal] = INTEGER.exec(text.trim()) ?? [];
  if (sign === undefined) return undefined;
  const value = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return sign === "-" ? 0 - value : value;
}

/** Writes a whole number as gateways do: capital hexadecimal digits without zeros in front, a minus before all. */
export function formatHex(value: number): string {
  const digits = Math.abs(value).toString(16).toUpperCase();
  return `${value < 0 ? "-" : ""}0x${digits}`;
}

/**
 * A number as one of its type. Gateways print the same bits signed and unsigned (-0x8000, 0x8000): both are taken.
 * @returns undefined when the type has no room for it
 */
export function asType(value: number, type: IntegerType): number | undefined {
  const { bits, signed } = INTEGER_TYPES[type];
  const span = 2 ** bits;
  if (value < -span / 2 || value >= span) return undefined;
  if (signed) return value >= span / 2 ? value - span : value;
  return value < 0 ? value + span : value;
}

/** IEEE address, 64 bits: 16 capital hexadecimal digits without separators, as it is kept and told. */
export type MacText = string;

/** Reads an address with or without separators; undefined when it is none. */
export function parseMac(text: string): MacText | undefined {
  const digits = text.replace(/[\s:!-]/g, "").toUpperCase();
  return /^[0-9A-F]{16}$/.test(digits) ? digits : undefined;
}

/** As gateways write it: `00:13:A2:00:40:0A:12:34`. */
export function formatMac(mac: MacText): string {
  return mac.toUpperCase().replace(/..(?!$)/g, "$&:");
}

/** Reads base16; undefined when it is none. */
export function parseBase16(text: string): Uint8Array | undefined {
  try {
    return fromHex(text);
  } catch {
    return undefined;
  }
}

/** Seconds from 1970 to 2000, from where Zigbee counts. */
const YEAR_2000_S = 946_684_800;

/** Epoch milliseconds of seconds since 2000. */
export function fromUtc2000(seconds: number): number {
  return (seconds + YEAR_2000_S) * 1000;
}

/** Seconds since 2000, the fraction cut off. */
export function toUtc2000(epochMs: number): number {
  return Math.floor(epochMs / 1000) - YEAR_2000_S;
}
