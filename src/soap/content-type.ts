import { HttpRefusal } from "../http/refusal.ts";
import { SoapFault } from "./fault.ts";

/** A media type with its parameters; all names in lower case. */
export interface ContentType {
  readonly type: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const PARAMETER = /;\s*([^\s=;]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^;]*))/g;

/** Nearly all callers send the same. */
let latest = { header: "", contentType: read("") };

/** Reads a Content-Type (RFC 9110, section 8.3) and what toolkits make of it: single quotes, a semicolon at the end. */
export function parseContentType(header: string): ContentType {
  if (latest.header !== header) latest = { header, contentType: read(header) };
  return latest.contentType;
}

function read(header: string): ContentType {
  const [type = ""] = header.split(";", 1);
  const parameters = new Map<string, string>();
  for (const [, name = "", double, single, plain] of header.matchAll(PARAMETER)) {
    parameters.set(name.toLowerCase(), double?.replace(/\\(.)/g, "$1") ?? single ?? plain?.trim() ?? "");
  }
  return { type: type.trim().toLowerCase(), parameters };
}

/**
 * Whether it is SOAP 1.1 that comes (WS-I BP 1.1, R1132), as it is or as the root part of a multipart message.
 * @throws HttpRefusal 415; SoapFault VersionMismatch for the media type of SOAP 1.2
 */
export function requireSoap(header: string | undefined): ContentType {
  const contentType = parseContentType(header ?? "");
  if (contentType.type === "application/soap+xml") {
    throw new SoapFault("VersionMismatch", "The message is SOAP 1.2; this service speaks SOAP 1.1 with text/xml");
  }
  if (contentType.type !== "text/xml" && contentType.type !== "multipart/related") {
    throw new HttpRefusal(415, "Send SOAP 1.1 with Content-Type text/xml");
  }
  return contentType;
}
