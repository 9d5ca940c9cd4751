import { COMPONENT_NAMES } from "../contract/errors.ts";
import { NAMESPACES } from "../contract/generated/tables.ts";
import {
  type Component,
  ERROR_CATALOGUE,
  type ErrorCode,
  type ErrorRecord,
  MetergateError,
  toErrorRecord,
} from "../domain/errors.ts";
import { escapeXml } from "../lib/xml.ts";

/** Fault codes of SOAP 1.1, section 4.4.1. */
export type FaultCode = "Client" | "Server" | "VersionMismatch" | "MustUnderstand";

/** Characters of a fault string: what it quotes of the message is the caller's to choose. */
const LONGEST_TEXT = 1_000;
const LONGEST_NAME = 120;

function shorten(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest)}…`;
}

/** A name that a message gave, for a text that goes back. */
export function shownName(namespace: string, name: string): string {
  return `{${shorten(namespace, LONGEST_NAME)}}${shorten(name, LONGEST_NAME)}`;
}

/** A message that is answered with a SOAP fault. */
export class SoapFault extends Error {
  readonly code = "SOAP_FAULT";
  readonly faultCode: FaultCode;
  /** Content of the `detail` element as XML; absent when the body was not the reason (SOAP 1.1, section 4.4). */
  readonly detail: string | undefined;

  constructor(faultCode: FaultCode, faultString: string, detail?: string) {
    super(shorten(faultString, LONGEST_TEXT));
    this.name = "SoapFault";
    this.faultCode = faultCode;
    this.detail = detail;
  }
}

const { common: COMMON } = NAMESPACES;
const SPRING_WS = "http://springframework.org/spring-ws";
/** Namespace of what our faults say to programs beyond the public contract; docs/integrators.md describes it. */
const METERGATE_FAULT = "urn:metergate:fault";

/** What the faultstring and Message of code 405 say in the public contract; every other code is its own text. */
const UNKNOWN_UID_TEXT = "CorrelationUid is unknown.";

/** Whether a fetch met a request that is not finished: the same code as an unknown one, told apart by its context. */
export function isNotFinished(error: unknown): boolean {
  return error instanceof MetergateError && error.code === "UNKNOWN_CORRELATION_UID" && "state" in error.context;
}

/** When to send the message again, if the error says so; such an error is answered with HTTP status 503. */
export function retryAfterSeconds(error: unknown): number | undefined {
  const seconds = error instanceof MetergateError ? error.context.retryAfterSeconds : undefined;
  return typeof seconds === "number" ? seconds : undefined;
}

/**
 * For programs: whether to ask again. It stands behind the contract's element because clients look for their type in
 * the first one.
 */
function requestState(error: unknown, code: ErrorCode): string {
  if (code !== "UNKNOWN_CORRELATION_UID") return "";
  const state = isNotFinished(error) ? "not-finished" : "unknown";
  return `<mg:RequestState xmlns:mg="${METERGATE_FAULT}">${state}</mg:RequestState>`;
}

/** Whatever was thrown or stored, as FunctionalFault or TechnicalFault of the common schema. */
export function errorFault(error: unknown): SoapFault {
  const { code, message } = isRecord(error) ? error : toErrorRecord(error);
  const { fault, component }: { fault: number | null; component: Component } = ERROR_CATALOGUE[code];
  const text = code === "UNKNOWN_CORRELATION_UID" ? UNKNOWN_UID_TEXT : code;
  const name = fault === null ? "TechnicalFault" : "FunctionalFault";
  const detail =
    `<com:${name} xmlns:com="${COMMON}">` +
    (fault === null ? "" : `<com:Code>${fault}</com:Code>`) +
    `<com:Message>${text}</com:Message><com:Component>${COMPONENT_NAMES[component]}</com:Component>` +
    `<com:InnerException></com:InnerException><com:InnerMessage>${escapeXml(message)}</com:InnerMessage></com:${name}>` +
    requestState(error, code);
  return new SoapFault("Server", text, detail);
}

function isRecord(error: unknown): error is ErrorRecord {
  return typeof error === "object" && error !== null && !(error instanceof Error) && "code" in error;
}

/** One place where a message breaks the schema. */
export interface ValidationProblem {
  readonly message: string;
  /** Counts from 1; absent where it is not known. */
  readonly line?: number | undefined;
  /** Names from the root, with positions among equals. */
  readonly path: string;
}

/** A caller needs the first few; a hostile message has thousands. */
export const MOST_PROBLEMS = 50;

/**
 * The fault of Spring Web Services for a message that breaks the schema: clients look for the detail elements
 * `spring-ws:ValidationError`. Line and path come as attributes, so that the text is the message alone.
 * @param more problems that are not among those given
 */
export function validationFault(problems: readonly ValidationProblem[], more = 0): SoapFault {
  const open = `<spring-ws:ValidationError xmlns:spring-ws="${SPRING_WS}"`;
  const shown = problems.map(
    ({ message, line, path }) =>
      `${open}${line === undefined ? "" : ` line="${line}"`} path="${escapeXml(path)}">` +
      `${escapeXml(message)}</spring-ws:ValidationError>`,
  );
  if (more > 0) shown.push(`${open}>and ${more} more</spring-ws:ValidationError>`);
  return new SoapFault("Client", "Validation error", shown.join(""));
}
