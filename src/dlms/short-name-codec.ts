import type { Apdu, DataBlock, ReadResult, VariableAccess, WriteResult } from "./apdu.ts";
import {
  readAccessError,
  readDataList,
  readList,
  writeAccessResult,
  writeDataList,
  writeGetResult,
  writeList,
} from "./apdu-parts.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { readData, writeData } from "./data-codec.ts";

/** Alternatives of Variable-Access-Specification (IEC 62056-5-3). */
const VARIABLE = {
  variableName: 2,
  parameterizedAccess: 4,
  blockNumberAccess: 5,
  readDataBlockAccess: 6,
  writeDataBlockAccess: 7,
} as const;

/** Alternatives of one result in a ReadResponse; the first two are those of Get-Data-Result. */
const READ_RESULT = { data: 0, dataAccessError: 1, dataBlockResult: 2, blockNumber: 3 } as const;
/** Alternatives of one result in a WriteResponse. */
const WRITE_RESULT = { success: 0, dataAccessError: 1, blockNumber: 2 } as const;

type ApduOf<Type extends Apdu["type"]> = Extract<Apdu, { type: Type }>;

/** Writes what follows the tag of a ReadRequest. */
export function writeReadRequest(writer: ByteWriter, apdu: ApduOf<"read-request">): void {
  writeList(writer, apdu.variables, writeVariable);
}

/** Reads what follows the tag of a ReadRequest. */
export function readReadRequest(reader: ByteReader): ApduOf<"read-request"> {
  return { type: "read-request", variables: readList(reader, readVariable) };
}

/** Writes what follows the tag of a ReadResponse. */
export function writeReadResponse(writer: ByteWriter, apdu: ApduOf<"read-response">): void {
  writeList(writer, apdu.results, writeReadResult);
}

/** Reads what follows the tag of a ReadResponse. */
export function readReadResponse(reader: ByteReader): ApduOf<"read-response"> {
  return { type: "read-response", results: readList(reader, readReadResult) };
}

/** Writes what follows the tag of a WriteRequest. */
export function writeWriteRequest(writer: ByteWriter, apdu: ApduOf<"write-request">): void {
  writeList(writer, apdu.variables, writeVariable);
  writeDataList(writer, apdu.values);
}

/** Reads what follows the tag of a WriteRequest. */
export function readWriteRequest(reader: ByteReader): ApduOf<"write-request"> {
  return { type: "write-request", variables: readList(reader, readVariable), values: readDataList(reader) };
}

/** Writes what follows the tag of a WriteResponse. */
export function writeWriteResponse(writer: ByteWriter, apdu: ApduOf<"write-response">): void {
  writeList(writer, apdu.results, writeWriteResult);
}

/** Reads what follows the tag of a WriteResponse. */
export function readWriteResponse(reader: ByteReader): ApduOf<"write-response"> {
  return { type: "write-response", results: readList(reader, readWriteResult) };
}

function writeVariable(writer: ByteWriter, variable: VariableAccess): void {
  if ("shortName" in variable) {
    writer.unsigned8(variable.access ? VARIABLE.parameterizedAccess : VARIABLE.variableName);
    writer.unsigned16(variable.shortName);
    if (variable.access) {
      writer.unsigned8(variable.access.selector);
      writeData(writer, variable.access.parameters);
    }
  } else if ("blockNumber" in variable) {
    writer.unsigned8(VARIABLE.blockNumberAccess);
    writer.unsigned16(variable.blockNumber);
  } else if ("block" in variable) {
    writer.unsigned8(VARIABLE.readDataBlockAccess);
    writeShortBlock(writer, variable.block);
  } else {
    writer.unsigned8(VARIABLE.writeDataBlockAccess);
    writer.boolean(variable.writeBlock.last);
    writer.unsigned16(variable.writeBlock.number);
  }
}

function readVariable(reader: ByteReader): VariableAccess {
  switch (reader.unsigned8()) {
    case VARIABLE.variableName:
      return { shortName: reader.unsigned16() };
    case VARIABLE.parameterizedAccess: {
      const shortName = reader.unsigned16();
      return { shortName, access: { selector: reader.unsigned8(), parameters: readData(reader) } };
    }
    case VARIABLE.blockNumberAccess:
      return { blockNumber: reader.unsigned16() };
    case VARIABLE.readDataBlockAccess:
      return { block: readShortBlock(reader) };
    case VARIABLE.writeDataBlockAccess:
      return { writeBlock: { last: reader.boolean(), number: reader.unsigned16() } };
    default:
      throw reader.malformed("no such variable access specification", 1);
  }
}

/** Unlike the logical-name services' blocks, these are numbered with 16 bits. */
function writeShortBlock(writer: ByteWriter, block: DataBlock): void {
  writer.boolean(block.last);
  writer.unsigned16(block.number);
  writer.octetString(block.raw);
}

function readShortBlock(reader: ByteReader): DataBlock {
  return { last: reader.boolean(), number: reader.unsigned16(), raw: reader.octetString() };
}

function writeReadResult(writer: ByteWriter, result: ReadResult): void {
  if ("block" in result) {
    writer.unsigned8(READ_RESULT.dataBlockResult);
    writeShortBlock(writer, result.block);
  } else if ("blockNumber" in result) {
    writer.unsigned8(READ_RESULT.blockNumber);
    writer.unsigned16(result.blockNumber);
  } else {
    writeGetResult(writer, result);
  }
}

function readReadResult(reader: ByteReader): ReadResult {
  switch (reader.unsigned8()) {
    case READ_RESULT.data:
      return { data: readData(reader) };
    case READ_RESULT.dataAccessError:
      return { error: readAccessError(reader) };
    case READ_RESULT.dataBlockResult:
      return { block: readShortBlock(reader) };
    case READ_RESULT.blockNumber:
      return { blockNumber: reader.unsigned16() };
    default:
      throw reader.malformed("no such alternative of a read result", 1);
  }
}

function writeWriteResult(writer: ByteWriter, result: WriteResult): void {
  if (typeof result === "object") {
    writer.unsigned8(WRITE_RESULT.blockNumber);
    writer.unsigned16(result.blockNumber);
  } else if (result === "success") {
    writer.unsigned8(WRITE_RESULT.success);
  } else {
    writer.unsigned8(WRITE_RESULT.dataAccessError);
    writeAccessResult(writer, result);
  }
}

function readWriteResult(reader: ByteReader): WriteResult {
  switch (reader.unsigned8()) {
    case WRITE_RESULT.success:
      return "success";
    case WRITE_RESULT.dataAccessError:
      return readAccessError(reader);
    case WRITE_RESULT.blockNumber:
      return { blockNumber: reader.unsigned16() };
    default:
      throw reader.malformed("no such alternative of a write result", 1);
  }
}
