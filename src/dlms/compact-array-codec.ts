import type { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import type { CosemData, TypeDescription } from "./data.ts";
import { checkLocalDepth, checkRemoteDepth } from "./data-depth.ts";
import { DlmsError, invalidValue } from "./errors.ts";
import { DATA_TAGS, DATA_TYPES, readSimple, type SimpleData, writeSimple } from "./simple-data-codec.ts";

/**
 * Elements of a compact-array may take no octets (null-data, empty structures), so their number is not bounded by its
 * size. This bounds it: so many, all levels together, per octet of the compact-array. It keeps memory linear in the input.
 */
const MAX_EMPTY_ELEMENTS_PER_OCTET = 16;

type CompactArray = Extract<CosemData, { type: "compact-array" }>;

/** Writes a compact-array behind its tag: description and contents. `depth` is how many levels surround it. */
export function writeCompactArray(writer: ByteWriter, data: CompactArray, depth: number): void {
  checkLocalDepth(depth);
  writeDescription(writer, data.description, depth + 1);
  const contents = new ByteWriter();
  for (const element of data.value) {
    const start = contents.length;
    writeContents(contents, data.description, element);
    // Nothing in the encoding would tell how many of them there are.
    if (contents.length === start) throw invalidValue("an element of a compact-array takes no octets");
  }
  writer.octetString(contents.finish());
}

function writeDescription(writer: ByteWriter, description: TypeDescription, depth: number): void {
  const tag: number | undefined = DATA_TAGS[description.type];
  if (tag === undefined || tag === DATA_TAGS["compact-array"])
    throw invalidValue(`no element type: ${String(description.type)}`);
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
  if (description.type !== data.type) throw invalidValue(`${data.type} where the description says ${description.type}`);
  if (description.type === "array" && data.type === "array") {
    if (data.value.length !== description.count) {
      throw invalidValue(`${data.value.length} elements where the description says ${description.count}`);
    }
    for (const element of data.value) writeContents(writer, description.element, element);
  } else if (description.type === "structure" && data.type === "structure") {
    if (data.value.length !== description.elements.length) {
      throw invalidValue(`${data.value.length} elements where the description says ${description.elements.length}`);
    }
    for (const [i, element] of data.value.entries()) writeContents(writer, description.elements[i]!, element);
  } else {
    writeSimple(writer, data as SimpleData);
  }
}

/** Reads a compact-array behind its tag. */
export function readCompactArray(reader: ByteReader, depth: number): CompactArray {
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
  const type = DATA_TYPES[reader.unsigned8()];
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
