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
