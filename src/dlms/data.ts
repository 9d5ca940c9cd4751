import { type ObisCode, obisFromBytes, obisToBytes } from "../lib/obis.ts";
import { DlmsError } from "./errors.ts";

/** A string of bits; bit 0 is the most significant bit of the first octet. */
export interface BitString {
  /** Number of bits in use, 0 … 8 × bytes.length. */
  readonly length: number;
  readonly bytes: Uint8Array;
}

/** What a compact-array's elements look like: one tag, or the tags inside an array or structure. */
export type TypeDescription =
  | { readonly type: SimpleDataType }
  | { readonly type: "array"; readonly count: number; readonly element: TypeDescription }
  | { readonly type: "structure"; readonly elements: readonly TypeDescription[] };

/** Data types without elements of their own. */
export type SimpleDataType = Exclude<CosemData["type"], "array" | "structure" | "compact-array">;

/**
 * A value of a COSEM attribute or method parameter: the Data CHOICE of IEC 62056-5-3 (xDLMS APDU definitions),
 * one member per alternative, named as there.
 */
export type CosemData =
  | { readonly type: "null-data" }
  | { readonly type: "array"; readonly value: readonly CosemData[] }
  | { readonly type: "structure"; readonly value: readonly CosemData[] }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "bit-string"; readonly value: BitString }
  /** −2^31 … 2^31 − 1 */
  | { readonly type: "double-long"; readonly value: number }
  /** 0 … 2^32 − 1 */
  | { readonly type: "double-long-unsigned"; readonly value: number }
  | { readonly type: "octet-string"; readonly value: Uint8Array }
  /** ASCII; octets 0x80 … 0xFF, which meters do send, stand as the characters U+0080 … U+00FF. */
  | { readonly type: "visible-string"; readonly value: string }
  | { readonly type: "utf8-string"; readonly value: string }
  /** 0 … 255: one octet, two binary-coded decimal digits as they stand on the wire. */
  | { readonly type: "bcd"; readonly value: number }
  /** −128 … 127 */
  | { readonly type: "integer"; readonly value: number }
  /** −32768 … 32767 */
  | { readonly type: "long"; readonly value: number }
  /** 0 … 255 */
  | { readonly type: "unsigned"; readonly value: number }
  /** 0 … 65535 */
  | { readonly type: "long-unsigned"; readonly value: number }
  | { readonly type: "compact-array"; readonly description: TypeDescription; readonly value: readonly CosemData[] }
  /** −2^63 … 2^63 − 1 */
  | { readonly type: "long64"; readonly value: bigint }
  /** 0 … 2^64 − 1 */
  | { readonly type: "long64-unsigned"; readonly value: bigint }
  /** 0 … 255 */
  | { readonly type: "enum"; readonly value: number }
  | { readonly type: "float32"; readonly value: number }
  | { readonly type: "float64"; readonly value: number }
  /** 12 octets, see date-time.ts. */
  | { readonly type: "date-time"; readonly value: Uint8Array }
  /** 5 octets. */
  | { readonly type: "date"; readonly value: Uint8Array }
  /** 4 octets. */
  | { readonly type: "time"; readonly value: Uint8Array }
  /** The delta types are differences to the value before, in the range of the integer type that they name. */
  | { readonly type: "delta-integer"; readonly value: number }
  | { readonly type: "delta-long"; readonly value: number }
  | { readonly type: "delta-double-long"; readonly value: number }
  | { readonly type: "delta-unsigned"; readonly value: number }
  | { readonly type: "delta-long-unsigned"; readonly value: number }
  | { readonly type: "delta-double-long-unsigned"; readonly value: number }
  | { readonly type: "dont-care" };

/** Makes values; ranges are checked when they are encoded. Octet sequences are kept, not copied. */
export const cosem = {
  nullData: (): CosemData => ({ type: "null-data" }),
  array: (value: readonly CosemData[]): CosemData => ({ type: "array", value }),
  structure: (value: readonly CosemData[]): CosemData => ({ type: "structure", value }),
  boolean: (value: boolean): CosemData => ({ type: "boolean", value }),
  /** `length` bits of `bytes`, which has just as many octets as that takes; all of them unless told. */
  bitString: (bytes: Uint8Array, length = bytes.length * 8): CosemData => ({
    type: "bit-string",
    value: { length, bytes },
  }),
  doubleLong: (value: number): CosemData => ({ type: "double-long", value }),
  doubleLongUnsigned: (value: number): CosemData => ({ type: "double-long-unsigned", value }),
  octetString: (value: Uint8Array): CosemData => ({ type: "octet-string", value }),
  /** A logical name as octet-string of 6. */
  logicalName: (code: ObisCode): CosemData => ({ type: "octet-string", value: obisToBytes(code) }),
  visibleString: (value: string): CosemData => ({ type: "visible-string", value }),
  utf8String: (value: string): CosemData => ({ type: "utf8-string", value }),
  bcd: (value: number): CosemData => ({ type: "bcd", value }),
  integer: (value: number): CosemData => ({ type: "integer", value }),
  long: (value: number): CosemData => ({ type: "long", value }),
  unsigned: (value: number): CosemData => ({ type: "unsigned", value }),
  longUnsigned: (value: number): CosemData => ({ type: "long-unsigned", value }),
  long64: (value: bigint): CosemData => ({ type: "long64", value }),
  long64Unsigned: (value: bigint): CosemData => ({ type: "long64-unsigned", value }),
  enum: (value: number): CosemData => ({ type: "enum", value }),
  float32: (value: number): CosemData => ({ type: "float32", value }),
  float64: (value: number): CosemData => ({ type: "float64", value }),
} as const;

/**
 * The readers below take a value that should be of a certain kind apart. `what` names it in the error.
 * @throws DlmsError `remote/unexpected-type` that tells the expected and the found type.
 */
export function asNumber(data: CosemData, what = "value"): number {
  switch (data.type) {
    case "integer":
    case "long":
    case "double-long":
    case "unsigned":
    case "long-unsigned":
    case "double-long-unsigned":
    case "enum":
    case "bcd":
    case "float32":
    case "float64":
    case "delta-integer":
    case "delta-long":
    case "delta-double-long":
    case "delta-unsigned":
    case "delta-long-unsigned":
    case "delta-double-long-unsigned":
      return data.value;
    case "long64":
    case "long64-unsigned": {
      const number = Number(data.value);
      if (Number.isSafeInteger(number)) return number;
      throw unexpected(what, "a number up to 2^53 − 1", `${data.type} beyond it`);
    }
    default:
      throw unexpected(what, "a number", data.type);
  }
}

/** Any integer type, without loss. */
export function asBigInt(data: CosemData, what = "value"): bigint {
  if (data.type === "long64" || data.type === "long64-unsigned") return data.value;
  const number = asNumber(data, what);
  if (!Number.isInteger(number)) throw unexpected(what, "an integer", data.type);
  return BigInt(number);
}

/** The value of a boolean. */
export function asBoolean(data: CosemData, what = "value"): boolean {
  if (data.type === "boolean") return data.value;
  throw unexpected(what, "boolean", data.type);
}

/** The octets of an octet-string, or of a date-time, date or time, which many meters send as octet-strings. */
export function asOctets(data: CosemData, what = "value"): Uint8Array {
  switch (data.type) {
    case "octet-string":
    case "date-time":
    case "date":
    case "time":
      return data.value;
    default:
      throw unexpected(what, "octet-string", data.type);
  }
}

/** The text of a visible-string or utf8-string, or of an octet-string with one character an octet. */
export function asText(data: CosemData, what = "value"): string {
  switch (data.type) {
    case "visible-string":
    case "utf8-string":
      return data.value;
    case "octet-string":
      return Buffer.from(data.value.buffer, data.value.byteOffset, data.value.byteLength).toString("latin1");
    default:
      throw unexpected(what, "a string", data.type);
  }
}

/** The OBIS code that six octets hold. */
export function asLogicalName(data: CosemData, what = "value"): ObisCode {
  const octets = asOctets(data, what);
  if (octets.length !== 6) throw unexpected(what, "a logical name of 6 octets", `${octets.length} octets`);
  return obisFromBytes(octets);
}

/** The bits of a bit-string; see {@link isBitSet}. */
export function asBitString(data: CosemData, what = "value"): BitString {
  if (data.type === "bit-string") return data.value;
  throw unexpected(what, "bit-string", data.type);
}

/** Bit `index` of a bit-string, 0 the most significant of the first octet; bits behind the end are not set. */
export function isBitSet(bits: BitString, index: number): boolean {
  return index < bits.length && ((bits.bytes[index >> 3] ?? 0) & (0x80 >> (index & 7))) !== 0;
}

/** The elements of an array, structure or compact-array. */
export function asElements(data: CosemData, what = "value"): readonly CosemData[] {
  switch (data.type) {
    case "array":
    case "structure":
    case "compact-array":
      return data.value;
    default:
      throw unexpected(what, "an array or structure", data.type);
  }
}

/** Just `length` elements, as a tuple. */
export type Elements<Length extends number, Tuple extends CosemData[] = []> = Tuple["length"] extends Length
  ? Tuple
  : Elements<Length, [...Tuple, CosemData]>;

/** The elements of a structure that has `length` of them. */
export function asStructure<Length extends number>(data: CosemData, length: Length, what = "value"): Elements<Length> {
  if (data.type !== "structure") throw unexpected(what, "structure", data.type);
  if (data.value.length !== length) {
    throw unexpected(what, `structure of ${length} elements`, `structure of ${data.value.length}`);
  }
  return data.value as unknown as Elements<Length>;
}

function unexpected(what: string, expected: string, found: string): DlmsError {
  const message = `${what}: expected ${expected}, found ${found}`;
  return new DlmsError("remote/unexpected-type", message, { what, expected, found });
}
