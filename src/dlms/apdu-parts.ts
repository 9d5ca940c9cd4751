import {
  ACTION_RESULTS,
  type ActionResult,
  type AttributeReference,
  DATA_ACCESS_RESULTS,
  type DataAccessResult,
  type DataBlock,
  type GetResult,
  type InvokeId,
  type MethodReference,
} from "./apdu.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import type { CosemData } from "./data.ts";
import { readData, writeData } from "./data-codec.ts";
import { invalidValue } from "./errors.ts";
import { readPresence } from "./initiate-codec.ts";

/** The pieces that several xDLMS services share (IEC 62056-5-3, xDLMS APDU definitions). */

const CONFIRMED = 0b0100_0000;
const HIGH_PRIORITY = 0b1000_0000;
const INVOKE_ID = 0b0000_1111;

/** Invoke-Id-And-Priority. */
export function writeInvokeId(writer: ByteWriter, invoke: InvokeId): void {
  const { id } = invoke;
  if (!Number.isInteger(id) || id < 0 || id > INVOKE_ID) throw invalidValue(`no invoke-id from 0 to 15: ${id}`);
  writer.unsigned8(id | (invoke.confirmed ? CONFIRMED : 0) | (invoke.highPriority ? HIGH_PRIORITY : 0));
}

/** The two reserved bits are ignored. */
export function readInvokeId(reader: ByteReader): InvokeId {
  const octet = reader.unsigned8();
  return {
    id: octet & INVOKE_ID,
    confirmed: (octet & CONFIRMED) !== 0,
    highPriority: (octet & HIGH_PRIORITY) !== 0,
  };
}

/** Cosem-Attribute-Descriptor without selection. */
export function writeDescriptor(writer: ByteWriter, attribute: Omit<AttributeReference, "access">): void {
  writer.unsigned16(attribute.classId);
  writer.logicalName(attribute.logicalName);
  writer.integer8(attribute.attribute);
}

/** Cosem-Attribute-Descriptor without selection. */
export function readDescriptor(reader: ByteReader): Omit<AttributeReference, "access"> {
  return { classId: reader.unsigned16(), logicalName: reader.logicalName(), attribute: reader.integer8() };
}

/** Cosem-Attribute-Descriptor-With-Selection, which is also descriptor and access-selection of the normal services. */
export function writeAttribute(writer: ByteWriter, attribute: AttributeReference): void {
  writeDescriptor(writer, attribute);
  if (attribute.access) {
    writer.unsigned8(1);
    writer.unsigned8(attribute.access.selector);
    writeData(writer, attribute.access.parameters);
  } else {
    writer.unsigned8(0);
  }
}

/** Cosem-Attribute-Descriptor-With-Selection. */
export function readAttribute(reader: ByteReader): AttributeReference {
  const classId = reader.unsigned16();
  const logicalName = reader.logicalName();
  const attribute = reader.integer8();
  if (!readPresence(reader)) return { classId, logicalName, attribute };
  const access = { selector: reader.unsigned8(), parameters: readData(reader) };
  return { classId, logicalName, attribute, access };
}

/** Cosem-Method-Descriptor. */
export function writeMethod(writer: ByteWriter, method: MethodReference): void {
  writer.unsigned16(method.classId);
  writer.logicalName(method.logicalName);
  writer.integer8(method.method);
}

/** Cosem-Method-Descriptor. */
export function readMethod(reader: ByteReader): MethodReference {
  return { classId: reader.unsigned16(), logicalName: reader.logicalName(), method: reader.integer8() };
}

/** Get-Data-Result: 0 data, 1 data-access-result. */
export function writeGetResult(writer: ByteWriter, result: GetResult): void {
  if ("data" in result) {
    writer.unsigned8(0);
    writeData(writer, result.data);
  } else {
    writer.unsigned8(1);
    writeAccessError(writer, result.error);
  }
}

/** Get-Data-Result. */
export function readGetResult(reader: ByteReader): GetResult {
  switch (reader.unsigned8()) {
    case 0:
      return { data: readData(reader) };
    case 1:
      return { error: readAccessError(reader) };
    default:
      throw reader.malformed("a result is neither data (0) nor an error (1)", 1);
  }
}

const DATA_ACCESS_RESULT_NAMES = byNumber(DATA_ACCESS_RESULTS);
const ACTION_RESULT_NAMES = byNumber(ACTION_RESULTS);

/** Data-Access-Result. */
export function writeAccessResult(writer: ByteWriter, result: DataAccessResult): void {
  const value = DATA_ACCESS_RESULTS[result];
  if (value === undefined) throw invalidValue(`no data-access-result: ${String(result)}`);
  writer.unsigned8(value);
}

/** Data-Access-Result; a number that the standard does not give is malformed. */
export function readAccessResult(reader: ByteReader): DataAccessResult {
  const value = reader.unsigned8();
  const result = DATA_ACCESS_RESULT_NAMES.get(value);
  if (!result) throw reader.malformed(`no data-access-result has the number ${value}`, 1);
  return result;
}

/** A data-access-result where `success` makes no sense. */
export function writeAccessError(writer: ByteWriter, error: Exclude<DataAccessResult, "success">): void {
  if (DATA_ACCESS_RESULTS[error as DataAccessResult] === 0) throw invalidValue("success is no error");
  writeAccessResult(writer, error);
}

/** A data-access-result where `success` is malformed. */
export function readAccessError(reader: ByteReader): Exclude<DataAccessResult, "success"> {
  const result = readAccessResult(reader);
  if (result === "success") throw reader.malformed("success is told where an error belongs", 1);
  return result;
}

/** Action-Result. */
export function writeActionResult(writer: ByteWriter, result: ActionResult): void {
  const value = ACTION_RESULTS[result];
  if (value === undefined) throw invalidValue(`no action-result: ${String(result)}`);
  writer.unsigned8(value);
}

/** Action-Result; a number that the standard does not give is malformed. */
export function readActionResult(reader: ByteReader): ActionResult {
  const value = reader.unsigned8();
  const result = ACTION_RESULT_NAMES.get(value);
  if (!result) throw reader.malformed(`no action-result has the number ${value}`, 1);
  return result;
}

/** DataBlock-SA: last-block, block-number, raw data. */
export function writeBlock(writer: ByteWriter, block: DataBlock): void {
  writer.boolean(block.last);
  writer.unsigned32(block.number);
  writer.octetString(block.raw);
}

/** DataBlock-SA: last-block, block-number, raw data, which is a view. */
export function readBlock(reader: ByteReader): DataBlock {
  return { last: reader.boolean(), number: reader.unsigned32(), raw: reader.octetString() };
}

/** SEQUENCE OF: the number of elements, then each. */
export function writeList<T>(
  writer: ByteWriter,
  elements: readonly T[],
  write: (writer: ByteWriter, element: T) => void,
): void {
  writer.writeLength(elements.length);
  for (const element of elements) write(writer, element);
}

/** SEQUENCE OF; the number is checked against what is left before anything is allocated. */
export function readList<T>(reader: ByteReader, read: (reader: ByteReader) => T): T[] {
  const count = reader.count();
  const elements: T[] = [];
  for (let i = 0; i < count; i++) elements.push(read(reader));
  return elements;
}

/** SEQUENCE OF Data. */
export function writeDataList(writer: ByteWriter, values: readonly CosemData[]): void {
  writer.writeLength(values.length);
  for (const value of values) writeData(writer, value);
}

/** SEQUENCE OF Data. */
export function readDataList(reader: ByteReader): CosemData[] {
  return readList(reader, (from) => readData(from));
}

function byNumber<Name extends string>(numbers: Readonly<Record<Name, number>>): ReadonlyMap<number, Name> {
  return new Map((Object.keys(numbers) as Name[]).map((name) => [numbers[name], name]));
}
