import { ERROR_CATALOGUE, type ErrorCode, type ErrorRecord } from "../domain/errors.ts";
import { escapeXml } from "./xml.ts";

/** Fault codes of SOAP 1.1, section 4.4.1. */
export type FaultCode = "Client" | "Server" | "VersionMismatch" | "MustUnderstand";

/** A message that is answered with a SOAP fault. */
export class SoapFault extends Error {
  readonly code = "SOAP_FAULT";
  readonly faultCode: FaultCode;
  /** Content of the `detail` element as XML; absent when the body was not the reason (SOAP 1.1, section 4.4). */
  readonly detail: string | undefined;
  /** 500 by WS-I BP 1.1 R1126, but for conditions that HTTP has words for. */
  readonly httpStatus: number;

  constructor(faultCode: FaultCode, faultString: string, { detail, httpStatus = 500 }: FaultOptions = {}) {
    super(faultString);
    this.name = "SoapFault";
    this.faultCode = faultCode;
    this.detail = detail;
    this.httpStatus = httpStatus;
  }
}

interface FaultOptions {
  readonly detail?: string;
  readonly httpStatus?: number;
}

const COMMON = "http://www.opensmartgridplatform.org/schemas/common/2014/10";
const SPRING_WS = "http://springframework.org/spring-ws";

/** What callers of the public contract know as the text of 405; every other code is its own text. */
const UNKNOWN_UID_TEXT = "CorrelationUid is unknown.";

/** A stored or thrown error as FunctionalFault or TechnicalFault of the common schema. */
export function errorFault({ code, message }: ErrorRecord): SoapFault {
  const { fault, component }: { fault: number | null; component: string } = ERROR_CATALOGUE[code];
  const text = code === ("UNKNOWN_CORRELATION_UID" satisfies ErrorCode) ? UNKNOWN_UID_TEXT : code;
  const name = fault === null ? "TechnicalFault" : "FunctionalFault";
  const detail =
    `<com:${name} xmlns:com="${COMMON}">` +
    (fault === null ? "" : `<com:Code>${fault}</com:Code>`) +
    `<com:Message>${text}</com:Message><com:Component>${component}</com:Component>` +
    `<com:InnerException></com:InnerException><com:InnerMessage>${escapeXml(message)}</com:InnerMessage></com:${name}>`;
  return new SoapFault("Server", text, { detail });
}

/** One place where a message breaks the schema. */
export interface ValidationProblem {
  readonly message: string;
  /** Counts from 1; absent where it is not known. */
  readonly line?: number | undefined;
  readonly path: string;
}

/** A caller needs the first few; a hostile message has thousands. */
const MOST_PROBLEMS = 50;

/**
 * The fault of Spring Web Services for a message that breaks the schema: clients look for the detail elements
 * `spring-ws:ValidationError`. Line and path come as attributes, so that the text is the message alone.
 */
export function validationFault(problems: readonly ValidationProblem[]): SoapFault {
  const shown = problems
    .slice(0, MOST_PROBLEMS)
    .map(
      ({ message, line, path }) =>
        `<spring-ws:ValidationError xmlns:spring-ws="${SPRING_WS}"${line === undefined ? "" : ` line="${line}"`} path="${escapeXml(path)}">` +
        `${escapeXml(message)}</spring-ws:ValidationError>`,
    );
  if (problems.length > MOST_PROBLEMS) {
    shown.push(
      `<spring-ws:ValidationError xmlns:spring-ws="${SPRING_WS}">` +
        `and ${problems.length - MOST_PROBLEMS} more</spring-ws:ValidationError>`,
    );
  }
  return new SoapFault("Client", "Validation error", { detail: shown.join("") });
}
