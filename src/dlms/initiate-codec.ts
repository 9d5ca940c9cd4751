import { CONFORMANCE_BITS, type ConformanceBit, type InitiateRequest, type InitiateResponse } from "./apdu.ts";
import type { ByteReader } from "./byte-reader.ts";
import type { ByteWriter } from "./byte-writer.ts";
import { invalidValue } from "./errors.ts";

/** Conformance ::= [APPLICATION 31] IMPLICIT BIT STRING (SIZE(24)), the one part of xDLMS that is BER: tag 5F 1F. */
const CONFORMANCE_TAG = 0x5f;
const CONFORMANCE_TAG_SECOND = 0x1f;
const CONFORMANCE_NAMES = Object.keys(CONFORMANCE_BITS) as ConformanceBit[];

/** Behind the tag, like all functions of the service codecs. */
export function writeInitiateRequest(writer: ByteWriter, request: InitiateRequest): void {
  if (request.dedicatedKey) {
    writer.unsigned8(1);
    writer.octetString(request.dedicatedKey);
  } else {
    writer.unsigned8(0);
  }
  if (request.responseAllowed) {
    writer.unsigned8(0);
  } else {
    writer.unsigned8(1);
    writer.boolean(false);
  }
  writeQualityOfService(writer, request.proposedQualityOfService);
  writer.unsigned8(request.dlmsVersion);
  writeConformance(writer, request.conformance);
  writer.unsigned16(request.clientMaxReceivePduSize);
}

/** Reads what follows the tag of an InitiateRequest. */
export function readInitiateRequest(reader: ByteReader): { readonly type: "initiate-request" } & InitiateRequest {
  const dedicatedKey = readPresence(reader) ? reader.octetString() : undefined;
  const responseAllowed = readPresence(reader) ? reader.boolean() : true;
  const proposedQualityOfService = readPresence(reader) ? reader.integer8() : undefined;
  return {
    type: "initiate-request",
    ...(dedicatedKey && { dedicatedKey }),
    responseAllowed,
    ...(proposedQualityOfService !== undefined && { proposedQualityOfService }),
    dlmsVersion: reader.unsigned8(),
    conformance: readConformance(reader),
    clientMaxReceivePduSize: reader.unsigned16(),
  };
}

/** Writes what follows the tag of an InitiateResponse. */
export function writeInitiateResponse(writer: ByteWriter, response: InitiateResponse): void {
  writeQualityOfService(writer, response.negotiatedQualityOfService);
  writer.unsigned8(response.dlmsVersion);
  writeConformance(writer, response.conformance);
  writer.unsigned16(response.serverMaxReceivePduSize);
  writer.unsigned16(response.vaaName);
}

/** Reads what follows the tag of an InitiateResponse. */
export function readInitiateResponse(reader: ByteReader): { readonly type: "initiate-response" } & InitiateResponse {
  const negotiatedQualityOfService = readPresence(reader) ? reader.integer8() : undefined;
  return {
    type: "initiate-response",
    ...(negotiatedQualityOfService !== undefined && { negotiatedQualityOfService }),
    dlmsVersion: reader.unsigned8(),
    conformance: readConformance(reader),
    serverMaxReceivePduSize: reader.unsigned16(),
    vaaName: reader.unsigned16(),
  };
}

/** The octet before an OPTIONAL or DEFAULT component: 0 absent, 1 present. */
export function readPresence(reader: ByteReader): boolean {
  const octet = reader.unsigned8();
  if (octet > 1) throw reader.malformed(`presence is told by 0 or 1, not ${octet}`, 1);
  return octet === 1;
}

function writeQualityOfService(writer: ByteWriter, quality: number | undefined): void {
  writer.unsigned8(quality === undefined ? 0 : 1);
  if (quality !== undefined) writer.integer8(quality);
}

function writeConformance(writer: ByteWriter, names: readonly ConformanceBit[]): void {
  let bits = 0;
  for (const name of names) {
    const position = CONFORMANCE_BITS[name];
    if (position === undefined) throw invalidValue(`no conformance bit: ${String(name)}`);
    bits |= 0x800000 >> position;
  }
  writer.unsigned8(CONFORMANCE_TAG);
  writer.unsigned8(CONFORMANCE_TAG_SECOND);
  // 4 octets: the number of unused bits, 0, and 24 bits.
  writer.writeLength(4);
  writer.unsigned32(bits);
}

/** Reserved bits that a peer sets are dropped. */
function readConformance(reader: ByteReader): ConformanceBit[] {
  if (reader.unsigned8() !== CONFORMANCE_TAG) throw reader.malformed("no conformance block where one belongs", 1);
  // Implementations for the HDLC profile may write the tag in one octet (IEC 62056-5-3, xDLMS-Initiate).
  if (reader.peek() === CONFORMANCE_TAG_SECOND) reader.unsigned8();
  if (reader.length() !== 4) throw reader.malformed("a conformance block has 4 octets", 1);
  const bits = reader.unsigned32();
  if (bits > 0xffffff) throw reader.malformed("a conformance block has no unused bits", 4);
  return CONFORMANCE_NAMES.filter((name) => (bits & (0x800000 >> CONFORMANCE_BITS[name])) !== 0);
}
