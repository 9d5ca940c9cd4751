import { ACSE_TAGS, encodeAare, encodeAarq, encodeRelease, readAare, readAarq, readRelease } from "./acse-codec.ts";
import { readActionRequest, readActionResponse, writeActionRequest, writeActionResponse } from "./action-codec.ts";
import type { Apdu, CipheredApdu } from "./apdu.ts";
import { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { invalidValue } from "./errors.ts";
import {
  readConfirmedServiceError,
  readExceptionResponse,
  writeConfirmedServiceError,
  writeExceptionResponse,
} from "./exception-codec.ts";
import { readGeneralBlock, writeGeneralBlock } from "./general-block-codec.ts";
import { readGetRequest, readGetResponse, writeGetRequest, writeGetResponse } from "./get-codec.ts";
import {
  readInitiateRequest,
  readInitiateResponse,
  writeInitiateRequest,
  writeInitiateResponse,
} from "./initiate-codec.ts";
import {
  readDataNotification,
  readEventNotification,
  writeDataNotification,
  writeEventNotification,
} from "./notification-codec.ts";
import { readSetRequest, readSetResponse, writeSetRequest, writeSetResponse } from "./set-codec.ts";
import {
  readReadRequest,
  readReadResponse,
  readWriteRequest,
  readWriteResponse,
  writeReadRequest,
  writeReadResponse,
  writeWriteRequest,
  writeWriteResponse,
} from "./short-name-codec.ts";

/** Tags of the xDLMS APDUs (IEC 62056-5-3, XDLMS-APDU CHOICE). */
const TAGS = {
  initiateRequest: 0x01,
  readRequest: 0x05,
  writeRequest: 0x06,
  initiateResponse: 0x08,
  readResponse: 0x0c,
  writeResponse: 0x0d,
  confirmedServiceError: 0x0e,
  dataNotification: 0x0f,
  getRequest: 0xc0,
  setRequest: 0xc1,
  eventNotificationRequest: 0xc2,
  actionRequest: 0xc3,
  getResponse: 0xc4,
  setResponse: 0xc5,
  actionResponse: 0xc7,
  exceptionResponse: 0xd8,
  generalBlockTransfer: 0xe0,
  generalGlobalCiphering: 0xdb,
  generalDedicatedCiphering: 0xdc,
} as const;

/** Ciphered short-name and initiate APDUs have scattered tags: glo- is the plain tag + 0x20, ded- + 0x40. */
const CIPHERED_LOW_TAGS: ReadonlySet<number> = new Set(
  [0x01, 0x05, 0x06, 0x08, 0x0c, 0x0d, 0x0e].flatMap((plain) => [plain + 0x20, plain + 0x40]),
);

/** What is added to a tag from C0 on for its ciphered form. */
const GLO_OFFSET = 0x08;
const DED_OFFSET = 0x10;
/** Security control octet and invocation counter. */
const SECURITY_HEADER_LENGTH = 5;
const SYSTEM_TITLE_LENGTH = 8;

/**
 * Encodes an APDU, tag first.
 * @throws DlmsError `local/invalid-value` when a value does not fit its field.
 */
export function encodeApdu(apdu: Apdu): Uint8Array {
  switch (apdu.type) {
    case "aarq":
      return encodeAarq(apdu);
    case "aare":
      return encodeAare(apdu);
    case "rlrq":
    case "rlre":
      return encodeRelease(apdu);
    case "ciphered":
      return encodeCiphered(apdu);
    default: {
      const writer = new ByteWriter();
      writeXdlmsApdu(writer, apdu);
      return writer.finish();
    }
  }
}

/**
 * Decodes one APDU that takes up all of the octets. Octet sequences in it are views of `bytes`.
 * @throws DlmsError `remote/truncated` when the octets end too early, `remote/malformed` when they break the APDU's
 * definition or none has this tag, `remote/too-large` when data are nested too deep.
 */
export function decodeApdu(bytes: Uint8Array): Apdu {
  const reader = new ByteReader(bytes);
  const tag = reader.unsigned8();
  const apdu = isCipheredTag(tag) ? readCiphered(reader, tag) : readPlainApdu(reader, tag);
  reader.expectEnd("APDU");
  return apdu;
}

/** True for the tags of the service-specific (glo-, ded-) and general ciphered APDUs. */
export function isCipheredTag(tag: number): boolean {
  return (
    (tag >= 0xc8 && tag <= 0xd7) ||
    tag === TAGS.generalGlobalCiphering ||
    tag === TAGS.generalDedicatedCiphering ||
    CIPHERED_LOW_TAGS.has(tag)
  );
}

/** True for the tag of a General-Block-Transfer. */
export function isGeneralBlockTag(tag: number | undefined): boolean {
  return tag === TAGS.generalBlockTransfer;
}

/** True for the plain and the service-specific ciphered tags of what a server sends unasked. */
export function isNotificationTag(tag: number | undefined): boolean {
  return (
    tag === TAGS.dataNotification ||
    tag === TAGS.eventNotificationRequest ||
    tag === TAGS.eventNotificationRequest + GLO_OFFSET ||
    tag === TAGS.eventNotificationRequest + DED_OFFSET
  );
}

type XdlmsApdu = Exclude<Apdu, { type: "aarq" | "aare" | "rlrq" | "rlre" | "ciphered" }>;

function writeXdlmsApdu(writer: ByteWriter, apdu: XdlmsApdu): void {
  switch (apdu.type) {
    case "get-request-normal":
    case "get-request-next":
    case "get-request-with-list":
      writer.unsigned8(TAGS.getRequest);
      writeGetRequest(writer, apdu);
      break;
    case "get-response-normal":
    case "get-response-with-datablock":
    case "get-response-with-list":
      writer.unsigned8(TAGS.getResponse);
      writeGetResponse(writer, apdu);
      break;
    case "set-request-normal":
    case "set-request-with-first-datablock":
    case "set-request-with-datablock":
    case "set-request-with-list":
    case "set-request-with-list-and-first-datablock":
      writer.unsigned8(TAGS.setRequest);
      writeSetRequest(writer, apdu);
      break;
    case "set-response-normal":
    case "set-response-datablock":
    case "set-response-last-datablock":
    case "set-response-last-datablock-with-list":
    case "set-response-with-list":
      writer.unsigned8(TAGS.setResponse);
      writeSetResponse(writer, apdu);
      break;
    case "action-request-normal":
    case "action-request-next-pblock":
    case "action-request-with-list":
    case "action-request-with-first-pblock":
    case "action-request-with-list-and-first-pblock":
    case "action-request-with-pblock":
      writer.unsigned8(TAGS.actionRequest);
      writeActionRequest(writer, apdu);
      break;
    case "action-response-normal":
    case "action-response-with-pblock":
    case "action-response-with-list":
    case "action-response-next-pblock":
      writer.unsigned8(TAGS.actionResponse);
      writeActionResponse(writer, apdu);
      break;
    case "initiate-request":
      writer.unsigned8(TAGS.initiateRequest);
      writeInitiateRequest(writer, apdu);
      break;
    case "initiate-response":
      writer.unsigned8(TAGS.initiateResponse);
      writeInitiateResponse(writer, apdu);
      break;
    case "general-block":
      writer.unsigned8(TAGS.generalBlockTransfer);
      writeGeneralBlock(writer, apdu);
      break;
    case "exception-response":
      writer.unsigned8(TAGS.exceptionResponse);
      writeExceptionResponse(writer, apdu);
      break;
    case "confirmed-service-error":
      writer.unsigned8(TAGS.confirmedServiceError);
      writeConfirmedServiceError(writer, apdu);
      break;
    case "data-notification":
      writer.unsigned8(TAGS.dataNotification);
      writeDataNotification(writer, apdu);
      break;
    case "event-notification-request":
      writer.unsigned8(TAGS.eventNotificationRequest);
      writeEventNotification(writer, apdu);
      break;
    case "read-request":
      writer.unsigned8(TAGS.readRequest);
      writeReadRequest(writer, apdu);
      break;
    case "read-response":
      writer.unsigned8(TAGS.readResponse);
      writeReadResponse(writer, apdu);
      break;
    case "write-request":
      writer.unsigned8(TAGS.writeRequest);
      writeWriteRequest(writer, apdu);
      break;
    case "write-response":
      writer.unsigned8(TAGS.writeResponse);
      writeWriteResponse(writer, apdu);
      break;
    default:
      throw invalidValue(`no APDU type: ${String((apdu satisfies never as Apdu).type)}`);
  }
}

function readPlainApdu(reader: ByteReader, tag: number): Apdu {
  switch (tag) {
    case TAGS.getRequest:
      return readGetRequest(reader);
    case TAGS.getResponse:
      return readGetResponse(reader);
    case TAGS.setRequest:
      return readSetRequest(reader);
    case TAGS.setResponse:
      return readSetResponse(reader);
    case TAGS.actionRequest:
      return readActionRequest(reader);
    case TAGS.actionResponse:
      return readActionResponse(reader);
    case TAGS.initiateRequest:
      return readInitiateRequest(reader);
    case TAGS.initiateResponse:
      return readInitiateResponse(reader);
    case TAGS.generalBlockTransfer:
      return readGeneralBlock(reader);
    case TAGS.exceptionResponse:
      return readExceptionResponse(reader);
    case TAGS.confirmedServiceError:
      return readConfirmedServiceError(reader);
    case TAGS.dataNotification:
      return readDataNotification(reader);
    case TAGS.eventNotificationRequest:
      return readEventNotification(reader);
    case TAGS.readRequest:
      return readReadRequest(reader);
    case TAGS.readResponse:
      return readReadResponse(reader);
    case TAGS.writeRequest:
      return readWriteRequest(reader);
    case TAGS.writeResponse:
      return readWriteResponse(reader);
    case ACSE_TAGS.aarq:
      return readAarq(reader);
    case ACSE_TAGS.aare:
      return readAare(reader);
    case ACSE_TAGS.rlrq:
      return readRelease(reader, "rlrq");
    case ACSE_TAGS.rlre:
      return readRelease(reader, "rlre");
    default:
      throw reader.malformed(`no APDU has the tag ${tag.toString(16).toUpperCase().padStart(2, "0")}`, 1);
  }
}

/** General forms: system title, then the ciphered octets, each with its length. Service-specific forms: only the latter. */
function encodeCiphered(apdu: CipheredApdu): Uint8Array {
  if (!isCipheredTag(apdu.tag)) throw invalidValue(`not a ciphered APDU's tag: ${apdu.tag}`);
  if (isGeneral(apdu.tag) !== (apdu.systemTitle !== undefined)) {
    throw invalidValue("a system title belongs to the general ciphered APDUs and only to them");
  }
  const writer = new ByteWriter(apdu.payload.length + 16);
  writer.unsigned8(apdu.tag);
  if (apdu.systemTitle) writer.octetString(apdu.systemTitle);
  writer.octetString(apdu.payload);
  return writer.finish();
}

function readCiphered(reader: ByteReader, tag: number): CipheredApdu {
  const systemTitle = isGeneral(tag) ? reader.octetString() : undefined;
  if (systemTitle && systemTitle.length !== 0 && systemTitle.length !== SYSTEM_TITLE_LENGTH) {
    throw reader.malformed(`a system title has 8 octets, not ${systemTitle.length}`, systemTitle.length);
  }
  const payload = reader.octetString();
  if (payload.length < SECURITY_HEADER_LENGTH) {
    throw reader.malformed(`a security header has 5 octets, ${payload.length} are there`, payload.length);
  }
  return systemTitle ? { type: "ciphered", tag, systemTitle, payload } : { type: "ciphered", tag, payload };
}

/** The form of a general ciphered APDU's tag. */
export function generalFormOf(tag: number): "general-glo" | "general-ded" | undefined {
  if (tag === TAGS.generalGlobalCiphering) return "general-glo";
  return tag === TAGS.generalDedicatedCiphering ? "general-ded" : undefined;
}

function isGeneral(tag: number): boolean {
  return tag === TAGS.generalGlobalCiphering || tag === TAGS.generalDedicatedCiphering;
}
