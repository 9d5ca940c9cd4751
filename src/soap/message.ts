import { ParseOption, XmlDocument, XmlLibError } from "libxml2-wasm";
import { decodeElement } from "../contract/codec.ts";
import { type SchemaIssue, validate } from "../contract/schema.ts";
import { type Charset, decodeText } from "./encoding.ts";
import { openEnvelope, SOAP_11 } from "./envelope.ts";
import { SoapFault, validationFault } from "./fault.ts";
import { type RequestHeaders, readHeaders } from "./headers.ts";
import type { Route, Routes } from "./routes.ts";
import { scanDocument } from "./scan.ts";

/** A message that was understood: what it asks for, by whom, and its content as plain values. */
export interface UnderstoodMessage extends RequestHeaders {
  readonly route: Route;
  /** Value of the body's element, of the type that belongs to `route.input`. */
  readonly content: unknown;
}

/** Encoding is ours to decide (we hand over text); nothing outside the document is ever loaded. */
const PARSE_OPTIONS =
  ParseOption.XML_PARSE_IGNORE_ENC |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NO_SYS_CATALOG;

function parse(text: string): XmlDocument {
  scanDocument(text);
  try {
    return XmlDocument.fromString(text, { option: PARSE_OPTIONS });
  } catch (error) {
    if (!(error instanceof XmlLibError)) throw error;
    const first = error.details.find(({ level }) => level > 1);
    throw new SoapFault("Client", `The message is not well-formed XML: ${first ? reasonOf(first) : "it is empty"}`);
  }
}

/** Where and why; libxml2's words may quote what stands there, and that may be a key. */
function reasonOf({ line, col, message }: { line: number; col: number; message: string }): string {
  return `line ${line}, column ${col}: ${message
    .trim()
    .replace(/:[^:]*$/s, "")
    .slice(0, 100)}`;
}

function toProblem({ message, line, xpath }: SchemaIssue) {
  return { message, line, path: xpath ?? "" };
}

/**
 * Parses, checks and decodes a message. Headers come before the schema, as callers of the public contract know it.
 * @param onRoute told as soon as it is known what the message is, for the log of messages that are then refused
 * @throws SoapFault
 */
export function understand(
  bytes: Buffer,
  charset: Charset,
  soapAction: string,
  routes: Routes,
  onRoute: (route: Route, headers: RequestHeaders) => void,
): UnderstoodMessage {
  const document = parse(decodeText(bytes, charset));
  try {
    const { headers: blocks, payload } = openEnvelope(document);
    const headers = readHeaders(blocks);
    const route = routes.find(payload.namespaceUri, payload.name, soapAction);
    onRoute(route, headers);
    const issues = validate(payload);
    if (issues.length > 0) throw validationFault(issues.map(toProblem));
    return { ...headers, route, content: decodeElement(payload, route.input) };
  } finally {
    document.dispose();
  }
}

/** Checks what is about to leave: the body's element, or the details of a fault. Empty when all is valid. */
export function checkAnswer(text: string): SchemaIssue[] {
  const document = XmlDocument.fromString(text, { option: PARSE_OPTIONS });
  try {
    const { payload } = openEnvelope(document);
    if (payload.namespaceUri !== SOAP_11) return validate(payload);
    return payload
      .find("detail/common:*", { common: "http://www.opensmartgridplatform.org/schemas/common/2014/10" })
      .flatMap((node) => validate(node as typeof payload));
  } finally {
    document.dispose();
  }
}
