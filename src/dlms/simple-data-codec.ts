import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { CosemData, SimpleDataType } from "./data.ts";
import { invalidValue } from "./errors.ts";

/** Tags of the Data CHOICE (IEC 62056-5-3, xDLMS APDU definitions). */
export const DATA_TAGS = {
  "null-data": 0,
  array: 1,
  structure: 2,
  boolean: 3,
  "bit-string": 4,
  "double-long": 5,
  "double-long-unsigned": 6,
  "octet-string": 9,
  "visible-string": 10,
  "utf8-string": 12,
  bcd: 13,
  integer: 15,
  long: 16,
  unsigned: 17,
  "long-unsigned": 18,
  "compact-array": 19,
  long64: 20,
  "long64-unsigned": 21,
  enum: 22,
  float32: 23,
  float64: 24,
  "date-time": 25,
  date: 26,
  time: 27,
  "delta-integer": 28,
  "delta-long": 29,
  "delta-double-long": 30,
  "delta-unsigned": 31,
  "delta-long-unsigned": 32,
  "delta-double-long-unsigned": 33,
  "dont-care": 255,
} as const satisfies Record<CosemData["type"], number>;

/** The types by their tags. */
export const DATA_TYPES: readonly (CosemData["type"] | undefined)[] = (() => {
  const types: (CosemData["type"] | undefined)[] = new Array(256).fill(undefined);
  for (const [type, tag] of Object.entries(DATA_TAGS)) types[tag] = type as CosemData["type"];
  return types;
})();

/** Shared by all values, therefore frozen. */
const NULL_DATA: SimpleData = Object.freeze({ type: "null-data" });
const DONT_CARE: SimpleData = Object.freeze({ type: "dont-care" });
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/** A value without elements of its own. */
export type SimpleData = Extract<CosemData, { type: SimpleDataType }>;

/** Writes the contents only, without the tag. */
export function writeSimple(writer: ByteWriter, data: SimpleData): void {
  switch (data.type) {
    case "null-data":
    case "dont-care":
      break;
    case "boolean":
      writer.boolean(data.value);
      break;
    case "bit-string":
      writeBitString(writer, data.value.length, data.value.bytes);
      break;
    case "double-long":
    case "delta-double-long":
      writer.integer32(data.value);
      break;
    case "double-long-unsigned":
    case "delta-double-long-unsigned":
      writer.unsigned32(data.value);
      break;
    case "octet-string":
      writer.octetString(data.value);
      break;
    case "visible-string":
      writer.octetString(encodeVisible(data.value));
      break;
    case "utf8-string":
      writer.octetString(encodeUtf8(data.value));
      break;
    case "integer":
    case "delta-integer":
      writer.integer8(data.value);
      break;
    case "long":
    case "delta-long":
      writer.integer16(data.value);
      break;
    case "bcd":
    case "unsigned":
    case "enum":
    case "delta-unsigned":
      writer.unsigned8(data.value);
      break;
    case "long-unsigned":
    case "delta-long-unsigned":
      writer.unsigned16(data.value);
      break;
    case "long64":
      writer.integer64(data.value);
      break;
    case "long64-unsigned":
      writer.unsigned64(data.value);
      break;
    case "float32":
      writer.float32(data.value);
      break;
    case "float64":
      writer.float64(data.value);
      break;
    case "date-time":
      writeFixed(writer, data.value, 12, data.type);
      break;
    case "date":
      writeFixed(writer, data.value, 5, data.type);
      break;
    case "time":
      writeFixed(writer, data.value, 4, data.type);
      break;
  }
}

/** Reads the contents only, without the tag. Octets in them are views. */
export function readSimple(reader: ByteReader, type: SimpleDataType): SimpleData {
  switch (type) {
    case "null-data":
      return NULL_DATA;
    case "dont-care":
      return DONT_CARE;
    case "boolean":
      return { type, value: reader.boolean() };
    case "bit-string":
      return { type, value: readBitString(reader) };
    case "double-long":
    case "delta-double-long":
      return { type, value: reader.integer32() };
    case "double-long-unsigned":
    case "delta-double-long-unsigned":
      return { type, value: reader.unsigned32() };
    case "octet-string":
      return { type, value: reader.octetString() };
    case "visible-string":
      return { type, value: decodeVisible(reader.octetString()) };
    case "utf8-string":
      return { type, value: decodeUtf8(reader) };
    case "integer":
    case "delta-integer":
      return { type, value: reader.integer8() };
    case "long":
    case "delta-long":
      return { type, value: reader.integer16() };
    case "bcd":
    case "unsigned":
    case "enum":
    case "delta-unsigned":
      return { type, value: reader.unsigned8() };
    case "long-unsigned":
    case "delta-long-unsigned":
      return { type, value: reader.unsigned16() };
    case "long64":
      return { type, value: reader.integer64() };
    case "long64-unsigned":
      return { type, value: reader.unsigned64() };
    case "float32":
      return { type, value: reader.float32() };
    case "float64":
      return { type, value: reader.float64() };
    case "date-time":
      return { type, value: reader.octets(12) };
    case "date":
      return { type, value: reader.octets(5) };
    case "time":
      return { type, value: reader.octets(4) };
  }
}

function writeBitString(writer: ByteWriter, length: number, bytes: Uint8Array): void {
  if (!Number.isInteger(length) || length < 0 || bytes.length !== Math.ceil(length / 8)) {
    throw invalidValue(`a bit-string of ${length} bits does not have ${bytes.length} octets`);
  }
  writer.writeLength(length);
  writer.octets(bytes);
}

function readBitString(reader: ByteReader): { length: number; bytes: Uint8Array } {
  const length = reader.length();
  return { length, bytes: reader.octets(Math.ceil(length / 8)) };
}

function writeFixed(writer: ByteWriter, bytes: Uint8Array, length: number, type: string): void {
  if (bytes.length !== length) throw invalidValue(`a ${type} has ${length} octets, not ${bytes.length}`);
  writer.octets(bytes);
}

function encodeVisible(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw invalidValue(`a visible-string cannot hold the character at index ${i}`);
    bytes[i] = code;
  }
  return bytes;
}

function decodeVisible(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function encodeUtf8(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) throw invalidValue("a utf8-string cannot hold half of a surrogate pair");
  return utf8Encoder.encode(text);
}

function decodeUtf8(reader: ByteReader): string {
  const bytes = reader.octetString();
  try {
    return utf8Decoder.decode(bytes);
  } catch {
    throw reader.malformed("a utf8-string is not well-formed", bytes.length);
  }
}
