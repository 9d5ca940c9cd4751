import { isUtf8 } from "node:buffer";
import { SoapFault } from "./fault.ts";

/** The encodings that WS-I BP 1.1 asks for (R4003: UTF-8 and UTF-16) and the one that old toolkits still send. */
export type Charset = "utf-8" | "utf-16le" | "utf-16be" | "iso-8859-1";

const NAMES: Readonly<Record<string, Charset | "utf-16">> = {
  "utf-8": "utf-8",
  utf8: "utf-8",
  "us-ascii": "utf-8",
  ascii: "utf-8",
  "utf-16": "utf-16",
  "utf-16le": "utf-16le",
  "utf-16be": "utf-16be",
  "iso-8859-1": "iso-8859-1",
  iso8859_1: "iso-8859-1",
  latin1: "iso-8859-1",
};

function named(name: string): Charset | "utf-16" {
  const charset = Object.hasOwn(NAMES, name.toLowerCase()) ? NAMES[name.toLowerCase()] : undefined;
  if (!charset) throw new SoapFault("Client", `Character encoding ${name} is not one of UTF-8, UTF-16, ISO-8859-1`);
  return charset;
}

/** What the first octets say: a byte order mark, or `<` and a zero in the order of UTF-16 (XML 1.0, appendix F). */
function sniff(bytes: Uint8Array): { charset: Charset; markLength: number } | undefined {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { charset: "utf-8", markLength: 3 };
  if (first === 0xff && second === 0xfe) return { charset: "utf-16le", markLength: 2 };
  if (first === 0xfe && second === 0xff) return { charset: "utf-16be", markLength: 2 };
  if (first === 0x3c && second === 0) return { charset: "utf-16le", markLength: 0 };
  if (first === 0 && second === 0x3c) return { charset: "utf-16be", markLength: 0 };
  return undefined;
}

const DECLARATION = /^<\?xml\s[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']/;
const DECLARATION_MOST = 200;

/**
 * Which encoding a document has: byte order mark over `charset` of the content type over the XML declaration over
 * UTF-8 (RFC 7303, section 3).
 * @throws SoapFault Client when it is none that is supported.
 */
export function charsetOf(bytes: Buffer, contentTypeCharset: string | undefined): Charset {
  const sniffed = sniff(bytes);
  if (sniffed) return sniffed.charset;
  const name = contentTypeCharset ?? DECLARATION.exec(bytes.toString("latin1", 0, DECLARATION_MOST))?.[1];
  const charset = name === undefined ? "utf-8" : named(name);
  // Without a mark UTF-16 is big-endian (RFC 2781, section 4.3).
  return charset === "utf-16" ? "utf-16be" : charset;
}

/**
 * The text of a document, without byte order mark.
 * @throws SoapFault Client when the octets are not valid in the encoding.
 */
export function decodeText(bytes: Buffer, charset: Charset): string {
  const markLength = sniff(bytes)?.markLength ?? 0;
  const content = markLength === 0 ? bytes : bytes.subarray(markLength);
  if (charset === "iso-8859-1") return content.toString("latin1");
  if (charset === "utf-8") {
    if (!isUtf8(content)) throw new SoapFault("Client", "The message is not valid UTF-8");
    return content.toString("utf8");
  }
  try {
    return new TextDecoder(charset, { fatal: true }).decode(content);
  } catch {
    throw new SoapFault("Client", "The message is not valid UTF-16");
  }
}
