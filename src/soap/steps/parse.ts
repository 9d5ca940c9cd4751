import { ParseOption, XmlDocument, XmlLibError } from "libxml2-wasm";
import { SoapFault } from "../fault.ts";

/**
 * Encoding is ours to decide (we hand over UTF-8); nothing outside the document is ever loaded. White space between
 * elements makes no nodes, whose wrappers cost more than the parser; an element's own white space stays.
 */
const PARSE_OPTIONS =
  ParseOption.XML_PARSE_NOBLANKS |
  ParseOption.XML_PARSE_IGNORE_ENC |
  ParseOption.XML_PARSE_NO_XXE |
  ParseOption.XML_PARSE_NONET |
  ParseOption.XML_PARSE_NO_SYS_CATALOG;

/**
 * Parses a document that was scanned. It lives until it is disposed of.
 * @param source its text, or its octets where they are UTF-8, which the parser reads: text has to be encoded for it
 * @throws SoapFault Client when it is not well-formed
 */
export function parseDocument(source: string | Buffer): XmlDocument {
  const options = { option: PARSE_OPTIONS };
  try {
    return typeof source === "string"
      ? XmlDocument.fromString(source, options)
      : XmlDocument.fromBuffer(source, options);
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
