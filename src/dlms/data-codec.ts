import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { CosemData, SimpleDataType, TypeDescription } from "./data.ts";
import { DlmsError } from "./errors.ts";

/** Tags of the Data CHOICE (IEC 62056-5-3, xDLMS APDU definitions). */
const TAGS = {
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

const TYPES: readonly (CosemData["type"] | undefined)[] = (() => {
  const types: (CosemData["type"] | undefined)[] = new Array(256).fill(undefined);
  for (const [type, tag] of Object.entries(TAGS)) types[tag] = type as CosemData["type"];
  return types;
})();

/** Arrays, structures and type descriptions may be nested this deep; COSEM interface classes need fewer than ten levels. */
export const MAX_DATA_DEPTH = 64;

/**
 * Elements of a compact-array may take no octets (null-data, empty structures), so their number is not bounded by its
 * size. This bounds it: so many, all levels together, per octet of the compact-array. It keeps memory linear in the input.
 */
const MAX_EMPTY_ELEMENTS_PER_OCTET = 16;

const NULL_DATA: CosemData = { type: "null-data" };
const DONT_CARE: CosemData = { type: "dont-care" };
const utf8Decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8Encoder = new TextEncoder();

/**
 * Encodes one value in A-XDR, tag first.
 * @throws DlmsError `local/invalid-value` when a value does not fit its type, or nesting exceeds {@link MAX_DATA_DEPTH}.
 */
export function encodeData(data: CosemData): Uint8Array {
  const writer = new ByteWriter();
  writeData(writer, data);
  return writer.finish();
}

/**
 * Decodes one value that takes up all of the octets. Octet-strings, bit-strings and date-times in it are views of `bytes`.
 * @throws DlmsError `remote/truncated`, `remote/malformed`, or `remote/too-large` when nesting exceeds {@link MAX_DATA_DEPTH}.
 */
export function decodeData(bytes: Uint8Array): CosemData {
  const reader = new ByteReader(bytes);
  const data = readData(reader);
  reader.expectEnd("value");
  return data;
}

/** As {@link encodeData}, at the end of what the writer holds. `depth` is how many levels surround the value. */
export function writeData(writer: ByteWriter, data: CosemData, depth = 0): void {
  const tag = TAGS[data.type];
  if (tag === undefined) throw invalid(`no COSEM data type: ${String(data.type)}`);
  writer.unsigned8(tag);
  switch (data.type) {
    case "array":
    case "structure":
      checkLocalDepth(depth);
      writer.writeLength(data.value.length);
      for (const element of data.value) writeData(writer, element, depth + 1);
      break;
    case "compact-array":
      writeCompactArray(writer, data, depth);
      break;
    default:
      writeSimple(writer, data);
      break;
  }
}

/** As {@link decodeData}, from where the reader stands; what follows the value is left. */
export function readData(reader: ByteReader, depth = 0): CosemData {
  const type = TYPES[reader.unsigned8()];
  switch (type) {
    case undefined:
      throw reader.malformed("no COSEM data type has this tag", 1);
    case "array":
    case "structure": {
      checkRemoteDepth(reader, depth);
      const count = reader.count();
      const value: CosemData[] = [];
      for (let i = 0; i < count; i++) value.push(readData(reader, depth + 1));
      return { type, value };
    }
    case "compact-array":
      return readCompactArray(reader, depth);
    default:
      return readSimple(reader, type);
  }
}

type SimpleData = Extract<CosemData, { type: SimpleDataType }>;

/** Contents only, without the tag. */
function writeSimple(writer: ByteWriter, data: SimpleData): void {
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

/** Contents only, without the tag. */
function readSimple(reader: ByteReader, type: SimpleDataType): SimpleData {
  switch (type) {
    case "null-data":
      return NULL_DATA as SimpleData;
    case "dont-care":
      return DONT_CARE as SimpleData;
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
    throw invalid(`a bit-string of ${length} bits does not have ${bytes.length} octets`);
  }
  writer.writeLength(length);
  writer.octets(bytes);
}

function readBitString(reader: ByteReader): { length: number; bytes: Uint8Array } {
  const length = reader.length();
  return { length, bytes: reader.octets(Math.ceil(length / 8)) };
}

function writeFixed(writer: ByteWriter, bytes: Uint8Array, length: number, type: string): void {
  if (bytes.length !== length) throw invalid(`a ${type} has ${length} octets, not ${bytes.length}`);
  writer.octets(bytes);
}

function encodeVisible(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) throw invalid(`a visible-string cannot hold the character at index ${i}`);
    bytes[i] = code;
  }
  return bytes;
}

function decodeVisible(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function encodeUtf8(text: string): Uint8Array {
  if (/\p{Surrogate}/u.test(text)) throw invalid("a utf8-string cannot hold half of a surrogate pair");
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

type CompactArray = Extract<CosemData, { type: "compact-array" }>;

function writeCompactArray(writer: ByteWriter, data: CompactArray, depth: number): void {
  checkLocalDepth(depth);
  writeDescription(writer, data.description, depth + 1);
  const contents = new ByteWriter();
  for (const element of data.value) {
    const start = contents.length;
    writeContents(contents, data.description, element);
    // Nothing in the encoding would tell how many of them there are.
    if (contents.length === start) throw invalid("an element of a compact-array takes no octets");
  }
  writer.octetString(contents.finish());
}

function writeDescription(writer: ByteWriter, description: TypeDescription, depth: number): void {
  const tag: number | undefined = TAGS[description.type];
  if (tag === undefined || tag === TAGS["compact-array"]) throw invalid(`no element type: ${String(description.type)}`);
  writer.unsigned8(tag);
  if (description.type === "array") {
    checkLocalDepth(depth);
    writer.unsigned16(description.count);
    writeDescription(writer, description.element, depth + 1);
  } else if (description.type === "structure") {
    checkLocalDepth(depth);
    writer.writeLength(description.elements.length);
    for (const element of description.elements) writeDescription(writer, element, depth + 1);
  }
}

/** Contents of one element, without the tags that the description gives once for all. */
function writeContents(writer: ByteWriter, description: TypeDescription, data: CosemData): void {
  if (description.type !== data.type) throw invalid(`${data.type} where the description says ${description.type}`);
  if (description.type === "array" && data.type === "array") {
    if (data.value.length !== description.count) {
      throw invalid(`${data.value.length} elements where the description says ${description.count}`);
    }
    for (const element of data.value) writeContents(writer, description.element, element);
  } else if (description.type === "structure" && data.type === "structure") {
    if (data.value.length !== description.elements.length) {
      throw invalid(`${data.value.length} elements where the description says ${description.elements.length}`);
    }
    for (const [i, element] of data.value.entries()) writeContents(writer, description.elements[i]!, element);
  } else {
    writeSimple(writer, data as SimpleData);
  }
}

function readCompactArray(reader: ByteReader, depth: number): CompactArray {
  checkRemoteDepth(reader, depth);
  const start = reader.offset;
  const description = readDescription(reader, depth + 1);
  const contents = reader.part(reader.length());
  const budget = { emptyElements: MAX_EMPTY_ELEMENTS_PER_OCTET * (reader.offset - start) };
  const value: CosemData[] = [];
  while (contents.remaining > 0) {
    const before = contents.offset;
    value.push(readContents(contents, description, budget));
    if (contents.offset === before) throw contents.malformed("the elements of a compact-array take no octets");
  }
  return { type: "compact-array", description, value };
}

function readDescription(reader: ByteReader, depth: number): TypeDescription {
  const type = TYPES[reader.unsigned8()];
  if (type === undefined || type === "compact-array") throw reader.malformed("no element type has this tag", 1);
  if (type === "array") {
    checkRemoteDepth(reader, depth);
    return { type, count: reader.unsigned16(), element: readDescription(reader, depth + 1) };
  }
  if (type !== "structure") return { type };
  checkRemoteDepth(reader, depth);
  const count = reader.count();
  const elements: TypeDescription[] = [];
  for (let i = 0; i < count; i++) elements.push(readDescription(reader, depth + 1));
  return { type, elements };
}

function readContents(reader: ByteReader, description: TypeDescription, budget: { emptyElements: number }): CosemData {
  const start = reader.offset;
  const data = readElement(reader, description, budget);
  if (reader.offset === start && --budget.emptyElements < 0) {
    throw new DlmsError("remote/too-large", `too many elements without octets in a compact-array (at octet ${start})`, {
      offset: start,
    });
  }
  return data;
}

function readElement(reader: ByteReader, description: TypeDescription, budget: { emptyElements: number }): CosemData {
  if (description.type === "array") {
    const value: CosemData[] = [];
    for (let i = 0; i < description.count; i++) value.push(readContents(reader, description.element, budget));
    return { type: "array", value };
  }
  if (description.type === "structure") {
    const value = description.elements.map((element) => readContents(reader, element, budget));
    return { type: "structure", value };
  }
  return readSimple(reader, description.type);
}

function checkLocalDepth(depth: number): void {
  if (depth >= MAX_DATA_DEPTH) throw invalid(`more than ${MAX_DATA_DEPTH} levels of nesting`);
}

function checkRemoteDepth(reader: ByteReader, depth: number): void {
  if (depth < MAX_DATA_DEPTH) return;
  const context = { offset: reader.offset, limit: MAX_DATA_DEPTH };
  const message = `more than ${MAX_DATA_DEPTH} levels of nesting (at octet ${reader.offset})`;
  throw new DlmsError("remote/too-large", message, context);
}

function invalid(message: string): DlmsError {
  return new DlmsError("local/invalid-value", message);
}
