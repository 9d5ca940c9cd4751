import { type ContentType, parseContentType } from "./content-type.ts";
import { SoapFault } from "./fault.ts";

/** The envelope of a message and the `charset` that its content type names. */
export interface EnvelopePart {
  readonly bytes: Buffer;
  readonly charset: string | undefined;
}

const HEADER_END = Buffer.from("\r\n\r\n");
/** RFC 2046, section 5.1.1. */
const LONGEST_BOUNDARY = 70;
const PLAIN_ENCODINGS: ReadonlySet<string> = new Set(["", "7bit", "8bit", "binary"]);

function refuse(text: string): never {
  throw new SoapFault("Client", text);
}

/** The parts between the boundaries: at most two, which is one more than there may be. */
function partsOf(body: Buffer, boundary: string): Buffer[] {
  // The first boundary may stand at the very beginning; with a line end in front all look alike.
  const text = Buffer.concat([Buffer.from("\r\n"), body]);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  const parts: Buffer[] = [];
  let at = text.indexOf(delimiter);
  while (at >= 0 && parts.length < 2) {
    const start = at + delimiter.length;
    if (text.toString("latin1", start, start + 2) === "--") return parts;
    at = text.indexOf(delimiter, start);
    if (at < 0) refuse("The multipart message does not come to its end");
    parts.push(text.subarray(start, at));
  }
  return parts;
}

function headersOf(part: Buffer, end: number): Map<string, string> {
  const lines = part
    .toString("latin1", 0, end)
    .replace(/\r\n[ \t]+/g, " ")
    .split("\r\n");
  return new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
}

/**
 * Takes the envelope out of a message as toolkits with MTOM send it, also when they have nothing to attach (MTOM,
 * section 3; RFC 2387). The contract has no value that would be sent as a part of its own.
 * @throws SoapFault Client when there are attachments, or when it is not built as RFC 2046 says
 */
export function openMultipart(body: Buffer, { type, parameters }: ContentType): EnvelopePart {
  if (type !== "multipart/related") return { bytes: body, charset: parameters.get("charset") };
  const boundary = parameters.get("boundary") ?? "";
  if (boundary === "" || boundary.length > LONGEST_BOUNDARY) refuse("The multipart message names no boundary");
  const [part, ...more] = partsOf(body, boundary);
  if (!part) refuse("The multipart message has no part");
  if (more.length > 0) refuse("Attachments are not taken: send the envelope alone, with its values inside");
  const end = part.indexOf(HEADER_END);
  if (end < 0) refuse("The part of the multipart message has no end of its headers");
  const headers = headersOf(part, end);
  const encoding = headers.get("content-transfer-encoding")?.toLowerCase() ?? "";
  if (!PLAIN_ENCODINGS.has(encoding)) refuse("Content-Transfer-Encoding must be 7bit, 8bit or binary");
  const inner = parseContentType(headers.get("content-type") ?? "text/xml");
  if (!["text/xml", "application/xop+xml"].includes(inner.type)) {
    refuse("The part of the multipart message must be text/xml or application/xop+xml");
  }
  return { bytes: part.subarray(end + HEADER_END.length), charset: inner.parameters.get("charset") };
}
