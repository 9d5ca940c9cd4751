import { createHash, type KeyObject, type X509Certificate } from "node:crypto";
import { SOAP_11 } from "../../lib/soap-namespace.ts";
import { CanonicalPieces, canonicalize } from "../../xml-signature/canonical.ts";
import { signReferences } from "../../xml-signature/sign.ts";
import { BASE64, WSSE, WSU, X509_V3 } from "./names.ts";

/** How long an answer may be under way. */
const VALID_MS = 5 * 60_000;
const BODY_OPEN = `<SOAP-ENV:Body xmlns:SOAP-ENV="${SOAP_11}" xmlns:wsu="${WSU}" wsu:Id="body">`;
const BODY_CLOSE = "</SOAP-ENV:Body>";

/** With what answers are signed. */
export interface AnswerSigner {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** The body of an answer in its canonical form, which is what is sent. */
export class CanonicalBody {
  readonly chunks: Buffer[] = [];
  readonly #hash = createHash("sha256");
  readonly #pieces: CanonicalPieces;

  /**
   * @param head start tags of the element in the body, as far as its content is added in pieces
   * @param tail their end tags
   */
  constructor(head = "", tail = "") {
    this.#pieces = new CanonicalPieces(BODY_OPEN + head, tail + BODY_CLOSE);
    this.#push(this.#pieces.open);
  }

  /** @param content elements that are whole */
  add(content: string): void {
    this.#push(this.#pieces.of(content));
  }

  /** @returns SHA-256 of all of it, base64; nothing may be added any more */
  end(): string {
    this.#push(this.#pieces.close);
    return this.#hash.digest("base64");
  }

  #push(text: string): void {
    const chunk = Buffer.from(text);
    this.#hash.update(chunk);
    this.chunks.push(chunk);
  }
}

/** An answer in parts. */
export interface AnswerParts {
  /** Up to the header. */
  readonly open: string;
  /** Header blocks, each an element with its namespaces. */
  readonly blocks: readonly string[];
  readonly body: CanonicalBody;
}

function withId(element: string, id: string): string {
  return element.replace(/^<[\w:-]+/, `$& xmlns:wsu="${WSU}" wsu:Id="${id}"`);
}

/**
 * An answer whose body, time stamp and header blocks are signed, in chunks.
 * @param nowMs epoch milliseconds
 */
export function signAnswer({ open, blocks, body }: AnswerParts, signer: AnswerSigner, nowMs: number): Buffer[] {
  const instant = (ms: number) => new Date(ms).toISOString();
  const timestamp =
    `<wsu:Timestamp xmlns:wsu="${WSU}" wsu:Id="timestamp"><wsu:Created>${instant(nowMs)}</wsu:Created>` +
    `<wsu:Expires>${instant(later(nowMs, VALID_MS))}</wsu:Expires></wsu:Timestamp>`;
  const signed = blocks.map((block, i) => ({
    id: `header-${i + 1}`,
    xml: canonicalize(withId(block, `header-${i + 1}`)),
  }));
  const stamp = { id: "timestamp", xml: canonicalize(timestamp) };
  const references = [
    ...[...signed, stamp].map(({ id, xml }) => ({ id, digest: createHash("sha256").update(xml).digest("base64") })),
    { id: "body", digest: body.end() },
  ];
  const keyInfo =
    `<wsse:SecurityTokenReference xmlns:wsse="${WSSE}">` +
    `<wsse:Reference URI="#token" ValueType="${X509_V3}"/></wsse:SecurityTokenReference>`;
  const token = signer.certificate.raw.toString("base64");
  const security =
    `<wsse:Security xmlns:wsse="${WSSE}" xmlns:wsu="${WSU}" SOAP-ENV:mustUnderstand="1">` +
    `<wsse:BinarySecurityToken wsu:Id="token" EncodingType="${BASE64}" ValueType="${X509_V3}">${token}</wsse:BinarySecurityToken>` +
    `${stamp.xml}${signReferences(references, { key: signer.key, keyInfo })}</wsse:Security>`;
  const header = `${signed.map(({ xml }) => xml).join("")}${security}`;
  return [
    Buffer.from(`${open}<SOAP-ENV:Header>${header}</SOAP-ENV:Header>`),
    ...body.chunks,
    Buffer.from("</SOAP-ENV:Envelope>"),
  ];
}

function later(momentMs: number, ms: number): number {
  return momentMs + ms;
}
