import { type CosemData, cosem } from "../../dlms/data.ts";
import { fromHex, toHex } from "../../lib/bytes.ts";
import { SimulatorError } from "./errors.ts";

/** COSEM data for tests in any language: type names as meters' tools use them, octets as hexadecimal, bits as 0 and 1. */
export interface JsonValue {
  readonly type: string;
  readonly value?: unknown;
}

type Simple = Exclude<CosemData["type"], "null-data" | "array" | "structure" | "compact-array" | "dont-care">;

/** Names that differ from those of the standard. */
const NAMES: Partial<Record<Simple, string>> = { enum: "enumerate", long: "long-integer" };
const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  bcd: [0n, 255n],
  enumerate: [0n, 255n],
  integer: [-(2n ** 7n), 2n ** 7n - 1n],
  unsigned: [0n, 255n],
  "long-integer": [-(2n ** 15n), 2n ** 15n - 1n],
  "long-unsigned": [0n, 2n ** 16n - 1n],
  "double-long": [-(2n ** 31n), 2n ** 31n - 1n],
  "double-long-unsigned": [0n, 2n ** 32n - 1n],
  long64: [-(2n ** 63n), 2n ** 63n - 1n],
  "long64-unsigned": [0n, 2n ** 64n - 1n],
};
const NUMBERS: Readonly<Record<string, (value: number) => CosemData>> = {
  bcd: cosem.bcd,
  enumerate: cosem.enum,
  integer: cosem.integer,
  unsigned: cosem.unsigned,
  "long-integer": cosem.long,
  "long-unsigned": cosem.longUnsigned,
  "double-long": cosem.doubleLong,
  "double-long-unsigned": cosem.doubleLongUnsigned,
};
const MOST_DEPTH = 16;

/** COSEM data as JSON; 64-bit numbers become decimal text. */
export function toJson(data: CosemData): JsonValue {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      return { type: data.type };
    case "array":
    case "structure":
    case "compact-array":
      return { type: data.type === "compact-array" ? "array" : data.type, value: data.value.map(toJson) };
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return { type: data.type, value: toHex(data.value) };
    case "bit-string":
      return { type: data.type, value: bitsOf(data.value.bytes, data.value.length) };
    case "long64":
    case "long64-unsigned":
      return { type: data.type, value: data.value.toString() };
    default:
      return { type: NAMES[data.type] ?? data.type, value: data.value };
  }
}

function bitsOf(bytes: Uint8Array, length: number): string {
  return Array.from({ length }, (_, i) => ((bytes[i >> 3]! << (i & 7)) & 0x80 ? "1" : "0")).join("");
}

/**
 * Reads what `toJson` writes.
 * @throws SimulatorError `simulator/invalid-value` when it is no such thing.
 */
export function fromJson(json: unknown, depth = 0): CosemData {
  if (typeof json !== "object" || json === null || depth > MOST_DEPTH) throw refused("a value", json);
  const { type, value } = json as JsonValue;
  switch (type) {
    case "null-data":
      return cosem.nullData();
    case "boolean":
      if (typeof value === "boolean") return cosem.boolean(value);
      break;
    case "array":
    case "structure":
      if (Array.isArray(value)) return { type, value: value.map((element) => fromJson(element, depth + 1)) };
      break;
    case "octet-string":
      if (typeof value === "string" && /^([0-9a-fA-F]{2})*$/.test(value)) return cosem.octetString(fromHex(value));
      break;
    case "bit-string":
      if (typeof value === "string" && /^[01]*$/.test(value)) return bitString(value);
      break;
    case "visible-string":
    case "utf8-string":
      if (typeof value === "string") return { type, value };
      break;
    case "float32":
    case "float64":
      if (typeof value === "number") return { type, value };
      break;
    default:
      return integerFrom(String(type), value);
  }
  throw refused(type, value);
}

function bitString(bits: string): CosemData {
  const bytes = new Uint8Array(Math.ceil(bits.length / 8));
  for (const [i, bit] of [...bits].entries()) if (bit === "1") bytes[i >> 3]! |= 0x80 >> (i & 7);
  return cosem.bitString(bytes, bits.length);
}

function integerFrom(type: string, value: unknown): CosemData {
  const range = Object.hasOwn(RANGES, type) ? RANGES[type] : undefined;
  const written = typeof value === "number" || typeof value === "string" ? String(value) : "";
  if (!range || !/^-?\d{1,20}$/.test(written)) throw refused(type, value);
  const number = BigInt(written);
  if (number < range[0] || number > range[1]) throw refused(type, value);
  if (type === "long64") return cosem.long64(number);
  return type === "long64-unsigned" ? cosem.long64Unsigned(number) : NUMBERS[type]!(Number(number));
}

function refused(type: string, value: unknown): SimulatorError {
  const shown = JSON.stringify(value) ?? "nothing";
  return new SimulatorError("simulator/invalid-value", `${shown.slice(0, 60)} is not ${type}`);
}
