import type { ActionResponse, Apdu } from "./apdu.ts";
import {
  readActionResult,
  readBlock,
  readDataList,
  readGetResult,
  readInvokeId,
  readList,
  readMethod,
  writeActionResult,
  writeBlock,
  writeDataList,
  writeGetResult,
  writeInvokeId,
  writeList,
  writeMethod,
} from "./apdu-parts.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { readData, writeData } from "./data-codec.ts";
import { readPresence } from "./initiate-codec.ts";

/** Alternatives of Action-Request and Action-Response (IEC 62056-5-3). */
const REQUEST = {
  normal: 1,
  nextPblock: 2,
  withList: 3,
  withFirstPblock: 4,
  withListAndFirstPblock: 5,
  withPblock: 6,
} as const;
const RESPONSE = { normal: 1, withPblock: 2, withList: 3, nextPblock: 4 } as const;

/** The alternatives of ACTION-Request. */
export type ActionRequestApdu = Extract<
  Apdu,
  {
    type:
      | "action-request-normal"
      | "action-request-next-pblock"
      | "action-request-with-list"
      | "action-request-with-first-pblock"
      | "action-request-with-list-and-first-pblock"
      | "action-request-with-pblock";
  }
>;
/** The alternatives of ACTION-Response. */
export type ActionResponseApdu = Extract<
  Apdu,
  {
    type:
      | "action-response-normal"
      | "action-response-with-pblock"
      | "action-response-with-list"
      | "action-response-next-pblock";
  }
>;

/** Writes what follows the tag of a ACTION-Request, as the functions below do for theirs. */
export function writeActionRequest(writer: ByteWriter, apdu: ActionRequestApdu): void {
  switch (apdu.type) {
    case "action-request-normal":
      writer.unsigned8(REQUEST.normal);
      writeInvokeId(writer, apdu.invoke);
      writeMethod(writer, apdu.method);
      writer.unsigned8(apdu.parameters ? 1 : 0);
      if (apdu.parameters) writeData(writer, apdu.parameters);
      break;
    case "action-request-next-pblock":
      writer.unsigned8(REQUEST.nextPblock);
      writeInvokeId(writer, apdu.invoke);
      writer.unsigned32(apdu.blockNumber);
      break;
    case "action-request-with-list":
      writer.unsigned8(REQUEST.withList);
      writeInvokeId(writer, apdu.invoke);
      writeList(writer, apdu.methods, writeMethod);
      writeDataList(writer, apdu.parameters);
      break;
    case "action-request-with-first-pblock":
      writer.unsigned8(REQUEST.withFirstPblock);
      writeInvokeId(writer, apdu.invoke);
      writeMethod(writer, apdu.method);
      writeBlock(writer, apdu.block);
      break;
    case "action-request-with-list-and-first-pblock":
      writer.unsigned8(REQUEST.withListAndFirstPblock);
      writeInvokeId(writer, apdu.invoke);
      writeList(writer, apdu.methods, writeMethod);
      writeBlock(writer, apdu.block);
      break;
    case "action-request-with-pblock":
      writer.unsigned8(REQUEST.withPblock);
      writeInvokeId(writer, apdu.invoke);
      writeBlock(writer, apdu.block);
      break;
  }
}

/** Reads what follows the tag of a ACTION-Request. */
export function readActionRequest(reader: ByteReader): ActionRequestApdu {
  const choice = reader.unsigned8();
  switch (choice) {
    case REQUEST.normal: {
      const invoke = readInvokeId(reader);
      const method = readMethod(reader);
      if (!readPresence(reader)) return { type: "action-request-normal", invoke, method };
      return { type: "action-request-normal", invoke, method, parameters: readData(reader) };
    }
    case REQUEST.nextPblock:
      return { type: "action-request-next-pblock", invoke: readInvokeId(reader), blockNumber: reader.unsigned32() };
    case REQUEST.withList:
      return {
        type: "action-request-with-list",
        invoke: readInvokeId(reader),
        methods: readList(reader, readMethod),
        parameters: readDataList(reader),
      };
    case REQUEST.withFirstPblock:
      return {
        type: "action-request-with-first-pblock",
        invoke: readInvokeId(reader),
        method: readMethod(reader),
        block: readBlock(reader),
      };
    case REQUEST.withListAndFirstPblock:
      return {
        type: "action-request-with-list-and-first-pblock",
        invoke: readInvokeId(reader),
        methods: readList(reader, readMethod),
        block: readBlock(reader),
      };
    case REQUEST.withPblock:
      return { type: "action-request-with-pblock", invoke: readInvokeId(reader), block: readBlock(reader) };
    default:
      throw reader.malformed(`no action-request has the alternative ${choice}`, 1);
  }
}

/** Writes what follows the tag of a ACTION-Response. */
export function writeActionResponse(writer: ByteWriter, apdu: ActionResponseApdu): void {
  switch (apdu.type) {
    case "action-response-normal":
      writer.unsigned8(RESPONSE.normal);
      writeInvokeId(writer, apdu.invoke);
      writeOneResponse(writer, apdu.response);
      break;
    case "action-response-with-pblock":
      writer.unsigned8(RESPONSE.withPblock);
      writeInvokeId(writer, apdu.invoke);
      writeBlock(writer, apdu.block);
      break;
    case "action-response-with-list":
      writer.unsigned8(RESPONSE.withList);
      writeInvokeId(writer, apdu.invoke);
      writeList(writer, apdu.responses, writeOneResponse);
      break;
    case "action-response-next-pblock":
      writer.unsigned8(RESPONSE.nextPblock);
      writeInvokeId(writer, apdu.invoke);
      writer.unsigned32(apdu.blockNumber);
      break;
  }
}

/** Reads what follows the tag of a ACTION-Response. */
export function readActionResponse(reader: ByteReader): ActionResponseApdu {
  const choice = reader.unsigned8();
  switch (choice) {
    case RESPONSE.normal:
      return { type: "action-response-normal", invoke: readInvokeId(reader), response: readOnlyResponse(reader) };
    case RESPONSE.withPblock:
      return { type: "action-response-with-pblock", invoke: readInvokeId(reader), block: readBlock(reader) };
    case RESPONSE.withList:
      return {
        type: "action-response-with-list",
        invoke: readInvokeId(reader),
        responses: readList(reader, readOneResponse),
      };
    case RESPONSE.nextPblock:
      return { type: "action-response-next-pblock", invoke: readInvokeId(reader), blockNumber: reader.unsigned32() };
    default:
      throw reader.malformed(`no action-response has the alternative ${choice}`, 1);
  }
}

/** Action-Response-With-Optional-Data. */
export function writeOneResponse(writer: ByteWriter, response: ActionResponse): void {
  writeActionResult(writer, response.result);
  writer.unsigned8(response.returned ? 1 : 0);
  if (response.returned) writeGetResult(writer, response.returned);
}

/** One element of a list of responses: its result, and its return parameters if some are told. */
export function readOneResponse(reader: ByteReader): ActionResponse {
  const result = readActionResult(reader);
  return readPresence(reader) ? { result, returned: readGetResult(reader) } : { result };
}

/** Some meters end the APDU behind the result instead of telling that no return parameters follow. */
function readOnlyResponse(reader: ByteReader): ActionResponse {
  const result = readActionResult(reader);
  if (reader.remaining === 0) return { result };
  return readPresence(reader) ? { result, returned: readGetResult(reader) } : { result };
}
