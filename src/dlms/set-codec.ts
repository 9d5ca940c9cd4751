import type { Apdu } from "./apdu.ts";
import {
  readAccessResult,
  readAttribute,
  readBlock,
  readDataList,
  readInvokeId,
  readList,
  writeAccessResult,
  writeAttribute,
  writeBlock,
  writeDataList,
  writeInvokeId,
  writeList,
} from "./apdu-parts.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { readData, writeData } from "./data-codec.ts";

/** Alternatives of Set-Request and Set-Response (IEC 62056-5-3). */
const REQUEST = {
  normal: 1,
  withFirstDatablock: 2,
  withDatablock: 3,
  withList: 4,
  withListAndFirstDatablock: 5,
} as const;
const RESPONSE = { normal: 1, datablock: 2, lastDatablock: 3, lastDatablockWithList: 4, withList: 5 } as const;

/** The alternatives of SET-Request. */
export type SetRequestApdu = Extract<
  Apdu,
  {
    type:
      | "set-request-normal"
      | "set-request-with-first-datablock"
      | "set-request-with-datablock"
      | "set-request-with-list"
      | "set-request-with-list-and-first-datablock";
  }
>;
/** The alternatives of SET-Response. */
export type SetResponseApdu = Extract<
  Apdu,
  {
    type:
      | "set-response-normal"
      | "set-response-datablock"
      | "set-response-last-datablock"
      | "set-response-last-datablock-with-list"
      | "set-response-with-list";
  }
>;

/** Writes what follows the tag of a SET-Request, as the functions below do for theirs. */
export function writeSetRequest(writer: ByteWriter, apdu: SetRequestApdu): void {
  switch (apdu.type) {
    case "set-request-normal":
      writer.unsigned8(REQUEST.normal);
      writeInvokeId(writer, apdu.invoke);
      writeAttribute(writer, apdu.attribute);
      writeData(writer, apdu.value);
      break;
    case "set-request-with-first-datablock":
      writer.unsigned8(REQUEST.withFirstDatablock);
      writeInvokeId(writer, apdu.invoke);
      writeAttribute(writer, apdu.attribute);
      writeBlock(writer, apdu.block);
      break;
    case "set-request-with-datablock":
      writer.unsigned8(REQUEST.withDatablock);
      writeInvokeId(writer, apdu.invoke);
      writeBlock(writer, apdu.block);
      break;
    case "set-request-with-list":
      writer.unsigned8(REQUEST.withList);
      writeInvokeId(writer, apdu.invoke);
      writeList(writer, apdu.attributes, writeAttribute);
      writeDataList(writer, apdu.values);
      break;
    case "set-request-with-list-and-first-datablock":
      writer.unsigned8(REQUEST.withListAndFirstDatablock);
      writeInvokeId(writer, apdu.invoke);
      writeList(writer, apdu.attributes, writeAttribute);
      writeBlock(writer, apdu.block);
      break;
  }
}

/** Reads what follows the tag of a SET-Request. */
export function readSetRequest(reader: ByteReader): SetRequestApdu {
  const choice = reader.unsigned8();
  switch (choice) {
    case REQUEST.normal:
      return {
        type: "set-request-normal",
        invoke: readInvokeId(reader),
        attribute: readAttribute(reader),
        value: readData(reader),
      };
    case REQUEST.withFirstDatablock:
      return {
        type: "set-request-with-first-datablock",
        invoke: readInvokeId(reader),
        attribute: readAttribute(reader),
        block: readBlock(reader),
      };
    case REQUEST.withDatablock:
      return { type: "set-request-with-datablock", invoke: readInvokeId(reader), block: readBlock(reader) };
    case REQUEST.withList:
      return {
        type: "set-request-with-list",
        invoke: readInvokeId(reader),
        attributes: readList(reader, readAttribute),
        values: readDataList(reader),
      };
    case REQUEST.withListAndFirstDatablock:
      return {
        type: "set-request-with-list-and-first-datablock",
        invoke: readInvokeId(reader),
        attributes: readList(reader, readAttribute),
        block: readBlock(reader),
      };
    default:
      throw reader.malformed(`no set-request has the alternative ${choice}`, 1);
  }
}

/** Writes what follows the tag of a SET-Response. */
export function writeSetResponse(writer: ByteWriter, apdu: SetResponseApdu): void {
  switch (apdu.type) {
    case "set-response-normal":
      writer.unsigned8(RESPONSE.normal);
      writeInvokeId(writer, apdu.invoke);
      writeAccessResult(writer, apdu.result);
      break;
    case "set-response-datablock":
      writer.unsigned8(RESPONSE.datablock);
      writeInvokeId(writer, apdu.invoke);
      writer.unsigned32(apdu.blockNumber);
      break;
    case "set-response-last-datablock":
      writer.unsigned8(RESPONSE.lastDatablock);
      writeInvokeId(writer, apdu.invoke);
      writeAccessResult(writer, apdu.result);
      writer.unsigned32(apdu.blockNumber);
      break;
    case "set-response-last-datablock-with-list":
      writer.unsigned8(RESPONSE.lastDatablockWithList);
      writeInvokeId(writer, apdu.invoke);
      writeList(writer, apdu.results, writeAccessResult);
      writer.unsigned32(apdu.blockNumber);
      break;
    case "set-response-with-list":
      writer.unsigned8(RESPONSE.withList);
      writeInvokeId(writer, apdu.invoke);
      writeList(writer, apdu.results, writeAccessResult);
      break;
  }
}

/** Reads what follows the tag of a SET-Response. */
export function readSetResponse(reader: ByteReader): SetResponseApdu {
  const choice = reader.unsigned8();
  switch (choice) {
    case RESPONSE.normal:
      return { type: "set-response-normal", invoke: readInvokeId(reader), result: readAccessResult(reader) };
    case RESPONSE.datablock:
      return { type: "set-response-datablock", invoke: readInvokeId(reader), blockNumber: reader.unsigned32() };
    case RESPONSE.lastDatablock:
      return {
        type: "set-response-last-datablock",
        invoke: readInvokeId(reader),
        result: readAccessResult(reader),
        blockNumber: reader.unsigned32(),
      };
    case RESPONSE.lastDatablockWithList:
      return {
        type: "set-response-last-datablock-with-list",
        invoke: readInvokeId(reader),
        results: readList(reader, readAccessResult),
        blockNumber: reader.unsigned32(),
      };
    case RESPONSE.withList:
      return {
        type: "set-response-with-list",
        invoke: readInvokeId(reader),
        results: readList(reader, readAccessResult),
      };
    default:
      throw reader.malformed(`no set-response has the alternative ${choice}`, 1);
  }
}
