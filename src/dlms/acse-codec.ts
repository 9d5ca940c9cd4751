import type { AareApdu, AarqApdu, ApplicationContext, AuthenticationMechanism, ReleaseApdu } from "./apdu.ts";
import type { ByteReader } from "./byte-reader.ts";
import { ByteWriter } from "./byte-writer.ts";
import { invalidValue } from "./errors.ts";

/**
 * ACSE APDUs in BER, as IEC 62056-5-3 profiles them. Tags are [APPLICATION n], fields are context tags in ascending order;
 * fields that have no use here (AE qualifiers, invocation identifiers, implementation information) are skipped.
 */
export const ACSE_TAGS = { aarq: 0x60, aare: 0x61, rlrq: 0x62, rlre: 0x63 } as const;

/** joint-iso-ccitt(2) country(16) country-name(756) identified-organisation(5) DLMS-UA(8), in BER. */
const DLMS_UA_OBJECT_IDENTIFIER = [0x60, 0x85, 0x74, 0x05, 0x08] as const;
/** The arcs below DLMS-UA. */
const APPLICATION_CONTEXT_ARC = 1;
const MECHANISM_ARC = 2;

/** Index is the last arc minus 1. */
const APPLICATION_CONTEXTS: readonly ApplicationContext[] = [
  "logical-name",
  "short-name",
  "logical-name-with-ciphering",
  "short-name-with-ciphering",
];

/** Index is the last arc. */
const MECHANISMS: readonly AuthenticationMechanism[] = [
  "lowest",
  "low",
  "high",
  "high-md5",
  "high-sha1",
  "high-gmac",
  "high-sha256",
  "high-ecdsa",
];

const PROTOCOL_VERSION = 0x80;
const APPLICATION_CONTEXT_NAME = 0xa1;
const USER_INFORMATION = 0xbe;
const OCTET_STRING = 0x04;
const INTEGER = 0x02;
/** Authentication-value: charstring [0] IMPLICIT GraphicString. */
const CHARSTRING = 0x80;

const AARQ = { apTitle: 0xa6, requirements: 0x8a, mechanism: 0x8b, authenticationValue: 0xac } as const;
const AARE = {
  result: 0xa2,
  diagnostic: 0xa3,
  apTitle: 0xa4,
  requirements: 0x88,
  mechanism: 0x89,
  authenticationValue: 0xaa,
} as const;

/** The AARE's result-source-diagnostic alternatives. */
const DIAGNOSTIC_SOURCES = { "acse-service-user": 0xa1, "acse-service-provider": 0xa2 } as const;

/** BIT STRING: version 1, respectively the authentication functional unit; 7 unused bits. */
const FIRST_BIT_SET = Uint8Array.of(0x07, 0x80);

/** @throws DlmsError `local/invalid-value` for a context or mechanism that has no number; so do the two below. */
export function encodeAarq(apdu: AarqApdu): Uint8Array {
  const fields = new ByteWriter(96);
  if (apdu.protocolVersion) writeField(fields, PROTOCOL_VERSION, FIRST_BIT_SET);
  writeApplicationContext(fields, apdu.applicationContext);
  if (apdu.callingApTitle) writeWrapped(fields, AARQ.apTitle, OCTET_STRING, apdu.callingApTitle);
  writeAuthentication(fields, AARQ, apdu.mechanism, apdu.callingAuthenticationValue);
  writeWrapped(fields, USER_INFORMATION, OCTET_STRING, apdu.userInformation);
  return enclose(ACSE_TAGS.aarq, fields);
}

/** Encodes an AARE; `result` and `diagnostic` are 0 … 127. */
export function encodeAare(apdu: AareApdu): Uint8Array {
  const fields = new ByteWriter(96);
  if (apdu.protocolVersion) writeField(fields, PROTOCOL_VERSION, FIRST_BIT_SET);
  writeApplicationContext(fields, apdu.applicationContext);
  writeWrapped(fields, AARE.result, INTEGER, smallInteger(apdu.result, "result"));
  const diagnostic = new ByteWriter(8);
  const source = DIAGNOSTIC_SOURCES[apdu.diagnosticSource];
  writeWrapped(diagnostic, source, INTEGER, smallInteger(apdu.diagnostic, "diagnostic"));
  writeField(fields, AARE.diagnostic, diagnostic.finish());
  if (apdu.respondingApTitle) writeWrapped(fields, AARE.apTitle, OCTET_STRING, apdu.respondingApTitle);
  writeAuthentication(fields, AARE, apdu.mechanism, apdu.respondingAuthenticationValue);
  if (apdu.userInformation) writeWrapped(fields, USER_INFORMATION, OCTET_STRING, apdu.userInformation);
  return enclose(ACSE_TAGS.aare, fields);
}

/** Encodes an RLRQ or RLRE with right lengths, whatever `lengthFault` says; `reason` is 0 … 127. */
export function encodeRelease(apdu: ReleaseApdu): Uint8Array {
  const fields = new ByteWriter();
  if (apdu.reason !== undefined) writeField(fields, PROTOCOL_VERSION, smallInteger(apdu.reason, "reason"));
  if (apdu.userInformation) writeWrapped(fields, USER_INFORMATION, OCTET_STRING, apdu.userInformation);
  return enclose(ACSE_TAGS[apdu.type], fields);
}

/** Reads on behind the tag; so do the two below. */
export function readAarq(reader: ByteReader): AarqApdu {
  const fields = enclosedFields(reader, "AARQ");
  const found = readFields(fields, AARQ);
  if (!found.userInformation) throw fields.malformed("the AARQ has no user-information");
  return {
    type: "aarq",
    ...(found.protocolVersion && { protocolVersion: true }),
    applicationContext: requireContext(found, fields),
    ...(found.apTitle && { callingApTitle: found.apTitle }),
    ...(found.mechanism && { mechanism: found.mechanism }),
    ...(found.authenticationValue && { callingAuthenticationValue: found.authenticationValue }),
    userInformation: found.userInformation,
  };
}

/** Reads an AARE; unlike the AARQ it may lack user-information. */
export function readAare(reader: ByteReader): AareApdu {
  const fields = enclosedFields(reader, "AARE");
  const found = readFields(fields, AARE);
  if (found.result === undefined) throw fields.malformed("the AARE has no result");
  if (!found.diagnostic) throw fields.malformed("the AARE has no result-source-diagnostic");
  return {
    type: "aare",
    ...(found.protocolVersion && { protocolVersion: true }),
    applicationContext: requireContext(found, fields),
    result: found.result,
    diagnosticSource: found.diagnostic.source,
    diagnostic: found.diagnostic.value,
    ...(found.apTitle && { respondingApTitle: found.apTitle }),
    ...(found.mechanism && { mechanism: found.mechanism }),
    ...(found.authenticationValue && { respondingAuthenticationValue: found.authenticationValue }),
    ...(found.userInformation && { userInformation: found.userInformation }),
  };
}

/**
 * A BER length that is less than what is there, for the APDU or its user-information, is not an error but told in
 * `lengthFault`: some meters' RLRE has it, and a job that is done must not fail on the release.
 */
export function readRelease(reader: ByteReader, type: "rlrq" | "rlre"): ReleaseApdu {
  let lengthFault = takesLess(reader);
  let reason: number | undefined;
  let userInformation: Uint8Array | undefined;
  while (reader.remaining > 0) {
    const tag = reader.unsigned8();
    if (tag === USER_INFORMATION) {
      lengthFault = takesLess(reader) || lengthFault;
      expectTag(reader, OCTET_STRING);
      lengthFault = takesLess(reader) || lengthFault;
      userInformation = reader.octets(reader.remaining);
    } else {
      const field = reader.part(reader.length());
      if (tag === PROTOCOL_VERSION) reason = readSmallInteger(field);
    }
  }
  return {
    type,
    ...(reason !== undefined && { reason }),
    ...(userInformation && { userInformation }),
    ...(lengthFault && { lengthFault }),
  };
}

/** Reads a length that should be all that remains: true when it is less. More than remains is truncated. */
function takesLess(reader: ByteReader): boolean {
  const length = reader.length();
  reader.require(length);
  return length < reader.remaining;
}

interface Fields {
  protocolVersion?: boolean;
  applicationContext?: ApplicationContext;
  result?: number;
  diagnostic?: { source: AareApdu["diagnosticSource"]; value: number };
  apTitle?: Uint8Array;
  mechanism?: AuthenticationMechanism;
  authenticationValue?: Uint8Array;
  userInformation?: Uint8Array;
}

interface FieldTags {
  readonly apTitle: number;
  readonly mechanism: number;
  readonly authenticationValue: number;
  readonly result?: number;
  readonly diagnostic?: number;
}

function readFields(fields: ByteReader, tags: FieldTags): Fields {
  const found: Fields = {};
  while (fields.remaining > 0) {
    const tag = fields.unsigned8();
    const field = fields.part(fields.length());
    if (tag === PROTOCOL_VERSION) found.protocolVersion = true;
    else if (tag === APPLICATION_CONTEXT_NAME) found.applicationContext = readApplicationContext(field);
    else if (tag === USER_INFORMATION) found.userInformation = readWrapped(field, OCTET_STRING);
    else if (tag === tags.apTitle) found.apTitle = readWrapped(field, OCTET_STRING);
    else if (tag === tags.mechanism) found.mechanism = readMechanism(field);
    else if (tag === tags.authenticationValue) found.authenticationValue = readWrapped(field, CHARSTRING);
    else if (tag === tags.result) found.result = readInteger(field);
    else if (tag === tags.diagnostic) found.diagnostic = readDiagnostic(field);
  }
  return found;
}

function enclosedFields(reader: ByteReader, name: string): ByteReader {
  const fields = reader.part(reader.length());
  reader.expectEnd(name);
  return fields;
}

function requireContext(found: Fields, fields: ByteReader): ApplicationContext {
  if (!found.applicationContext) throw fields.malformed("there is no application-context-name");
  return found.applicationContext;
}

function readApplicationContext(field: ByteReader): ApplicationContext {
  expectTag(field, 0x06);
  const name = field.part(field.length());
  field.expectEnd("object identifier");
  const context = APPLICATION_CONTEXTS[readLastArc(name, APPLICATION_CONTEXT_ARC) - 1];
  if (!context) throw name.malformed("no such application context", 1);
  return context;
}

function readMechanism(field: ByteReader): AuthenticationMechanism {
  const mechanism = MECHANISMS[readLastArc(field, MECHANISM_ARC)];
  if (!mechanism) throw field.malformed("no such authentication mechanism", 1);
  return mechanism;
}

function readLastArc(name: ByteReader, arc: number): number {
  for (const octet of [...DLMS_UA_OBJECT_IDENTIFIER, arc]) {
    if (name.unsigned8() !== octet) throw name.malformed("the object identifier is none of DLMS UA", 1);
  }
  const last = name.unsigned8();
  name.expectEnd("object identifier");
  return last;
}

function readDiagnostic(field: ByteReader): { source: AareApdu["diagnosticSource"]; value: number } {
  const tag = field.unsigned8();
  const source =
    tag === DIAGNOSTIC_SOURCES["acse-service-user"]
      ? "acse-service-user"
      : tag === DIAGNOSTIC_SOURCES["acse-service-provider"]
        ? "acse-service-provider"
        : undefined;
  if (!source) throw field.malformed("no such diagnostic source", 1);
  const integer = field.part(field.length());
  field.expectEnd("diagnostic");
  return { source, value: readInteger(integer) };
}

function readInteger(field: ByteReader): number {
  expectTag(field, INTEGER);
  const value = field.part(field.length());
  field.expectEnd("integer");
  return readSmallInteger(value);
}

/** All integers of ACSE APDUs are below 128 and take one octet. */
function readSmallInteger(field: ByteReader): number {
  const value = field.unsigned8();
  if (value > 0x7f) throw field.malformed("an integer is negative", 1);
  field.expectEnd("integer");
  return value;
}

/** The octets of the only element in a field, which has this tag. */
function readWrapped(field: ByteReader, tag: number): Uint8Array {
  expectTag(field, tag);
  const octets = field.octetString();
  field.expectEnd("octets");
  return octets;
}

function expectTag(reader: ByteReader, tag: number): void {
  const found = reader.unsigned8();
  if (found !== tag) throw reader.malformed(`tag ${hex(found)} where ${hex(tag)} belongs`, 1);
}

function hex(octet: number): string {
  return octet.toString(16).toUpperCase().padStart(2, "0");
}

function writeApplicationContext(fields: ByteWriter, context: ApplicationContext): void {
  const last = APPLICATION_CONTEXTS.indexOf(context) + 1;
  if (last === 0) throw invalidValue(`no application context: ${String(context)}`);
  const name = Uint8Array.of(...DLMS_UA_OBJECT_IDENTIFIER, APPLICATION_CONTEXT_ARC, last);
  writeWrapped(fields, APPLICATION_CONTEXT_NAME, 0x06, name);
}

/** ACSE requirements and mechanism go together; a peer without authentication sends neither. */
function writeAuthentication(
  fields: ByteWriter,
  tags: { requirements: number; mechanism: number; authenticationValue: number },
  mechanism: AuthenticationMechanism | undefined,
  authenticationValue: Uint8Array | undefined,
): void {
  if (mechanism) {
    const last = MECHANISMS.indexOf(mechanism);
    if (last < 0) throw invalidValue(`no authentication mechanism: ${String(mechanism)}`);
    writeField(fields, tags.requirements, FIRST_BIT_SET);
    writeField(fields, tags.mechanism, Uint8Array.of(...DLMS_UA_OBJECT_IDENTIFIER, MECHANISM_ARC, last));
  }
  if (authenticationValue) writeWrapped(fields, tags.authenticationValue, CHARSTRING, authenticationValue);
}

function smallInteger(value: number, what: string): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value > 0x7f) {
    throw invalidValue(`${what} is not an integer from 0 to 127: ${value}`);
  }
  return Uint8Array.of(value);
}

function writeField(writer: ByteWriter, tag: number, octets: Uint8Array): void {
  writer.unsigned8(tag);
  writer.octetString(octets);
}

/** A field that holds one element: tag, length, inner tag, inner length, octets. */
function writeWrapped(writer: ByteWriter, tag: number, innerTag: number, octets: Uint8Array): void {
  const inner = new ByteWriter(octets.length + 6);
  writeField(inner, innerTag, octets);
  writeField(writer, tag, inner.finish());
}

function enclose(tag: number, fields: ByteWriter): Uint8Array {
  const writer = new ByteWriter(fields.length + 6);
  writeField(writer, tag, fields.finish());
  return writer.finish();
}
