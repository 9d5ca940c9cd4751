import type { Apdu } from "./apdu.ts";
import {
  readAccessError,
  readAttribute,
  readGetResult,
  readInvokeId,
  readList,
  writeAccessError,
  writeAttribute,
  writeGetResult,
  writeInvokeId,
  writeList,
} from "./apdu-parts.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";

/** Alternatives of Get-Request and Get-Response (IEC 62056-5-3). */
const REQUEST = { normal: 1, next: 2, withList: 3 } as const;
const RESPONSE = { normal: 1, withDatablock: 2, withList: 3 } as const;

/** The alternatives of GET-Request. */
export type GetRequestApdu = Extract<
  Apdu,
  { type: "get-request-normal" | "get-request-next" | "get-request-with-list" }
>;
/** The alternatives of GET-Response. */
export type GetResponseApdu = Extract<
  Apdu,
  { type: "get-response-normal" | "get-response-with-datablock" | "get-response-with-list" }
>;

/** Writes what follows the tag of a GET-Request, as the functions below do for theirs. */
export function writeGetRequest(writer: ByteWriter, apdu: GetRequestApdu): void {
  switch (apdu.type) {
    case "get-request-normal":
      writer.unsigned8(REQUEST.normal);
      writeInvokeId(writer, apdu.invoke);
      writeAttribute(writer, apdu.attribute);
      break;
    case "get-request-next":
      writer.unsigned8(REQUEST.next);
      writeInvokeId(writer, apdu.invoke);
      writer.unsigned32(apdu.blockNumber);
      break;
    case "get-request-with-list":
      writer.unsigned8(REQUEST.withList);
      writeInvokeId(writer, apdu.invoke);
      writeList(writer, apdu.attributes, writeAttribute);
      break;
  }
}

/** Reads what follows the tag of a GET-Request. */
export function readGetRequest(reader: ByteReader): GetRequestApdu {
  const choice = reader.unsigned8();
  switch (choice) {
    case REQUEST.normal:
      return { type: "get-request-normal", invoke: readInvokeId(reader), attribute: readAttribute(reader) };
    case REQUEST.next:
      return { type: "get-request-next", invoke: readInvokeId(reader), blockNumber: reader.unsigned32() };
    case REQUEST.withList:
      return {
        type: "get-request-with-list",
        invoke: readInvokeId(reader),
        attributes: readList(reader, readAttribute),
      };
    default:
      throw reader.malformed(`no get-request has the alternative ${choice}`, 1);
  }
}

/** Writes what follows the tag of a GET-Response. */
export function writeGetResponse(writer: ByteWriter, apdu: GetResponseApdu): void {
  switch (apdu.type) {
    case "get-response-normal":
      writer.unsigned8(RESPONSE.normal);
      writeInvokeId(writer, apdu.invoke);
      writeGetResult(writer, apdu.result);
      break;
    case "get-response-with-datablock":
      writer.unsigned8(RESPONSE.withDatablock);
      writeInvokeId(writer, apdu.invoke);
      writeResultBlock(writer, apdu.block);
      break;
    case "get-response-with-list":
      writer.unsigned8(RESPONSE.withList);
      writeInvokeId(writer, apdu.invoke);
      writeList(writer, apdu.results, writeGetResult);
      break;
  }
}

/** Reads what follows the tag of a GET-Response. */
export function readGetResponse(reader: ByteReader): GetResponseApdu {
  const choice = reader.unsigned8();
  switch (choice) {
    case RESPONSE.normal:
      return { type: "get-response-normal", invoke: readInvokeId(reader), result: readGetResult(reader) };
    case RESPONSE.withDatablock:
      return { type: "get-response-with-datablock", invoke: readInvokeId(reader), block: readResultBlock(reader) };
    case RESPONSE.withList:
      return {
        type: "get-response-with-list",
        invoke: readInvokeId(reader),
        results: readList(reader, readGetResult),
      };
    default:
      throw reader.malformed(`no get-response has the alternative ${choice}`, 1);
  }
}

type ResultBlock = Extract<GetResponseApdu, { type: "get-response-with-datablock" }>["block"];

/** DataBlock-G: last-block, block-number, then raw data (0) or a data-access-result (1). */
function writeResultBlock(writer: ByteWriter, block: ResultBlock): void {
  writer.boolean(block.last);
  writer.unsigned32(block.number);
  if ("raw" in block) {
    writer.unsigned8(0);
    writer.octetString(block.raw);
  } else {
    writer.unsigned8(1);
    writeAccessError(writer, block.error);
  }
}

function readResultBlock(reader: ByteReader): ResultBlock {
  const last = reader.boolean();
  const number = reader.unsigned32();
  switch (reader.unsigned8()) {
    case 0:
      return { last, number, raw: reader.octetString() };
    case 1:
      return { last, number, error: readAccessError(reader) };
    default:
      throw reader.malformed("a block is neither raw data (0) nor an error (1)", 1);
  }
}
