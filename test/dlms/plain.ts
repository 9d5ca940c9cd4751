import { toHex } from "../../src/lib/bytes.ts";

/** Shows a decoded value as the vectors' JSON does: octets as `hex:…`, 64-bit integers as `bigint:…`. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return `hex:${toHex(value)}`;
  if (typeof value === "bigint") return `bigint:${value}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]));
}
