import type { KeyObject, X509Certificate } from "node:crypto";
import { signXml } from "../../xml-signature/sign.ts";
import { BASE64, WSSE, WSU, X509_V3 } from "./names.ts";

/** How long an answer may be under way. */
const VALID_MS = 5 * 60_000;
const SECURITY = "/*/*[local-name(.)='Header']/*[local-name(.)='Security']";

/** With what answers are signed. */
export interface AnswerSigner {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

/** An answer in parts: what stands around its header blocks and its body. */
export interface AnswerParts {
  /** Up to the header. */
  readonly open: string;
  /** Header blocks, each an element with its namespaces. */
  readonly blocks: readonly string[];
  /** Content of the body. */
  readonly body: string;
}

function withId(element: string, id: string): string {
  return element.replace(/^<[\w:-]+/, `$& xmlns:wsu="${WSU}" wsu:Id="${id}"`);
}

/**
 * An answer whose body, time stamp and header blocks are signed.
 * @param nowMs epoch milliseconds
 */
export function signAnswer({ open, blocks, body }: AnswerParts, signer: AnswerSigner, nowMs: number): string {
  const ids = blocks.map((_, i) => `header-${i + 1}`);
  const token = signer.certificate.raw.toString("base64");
  const instant = (ms: number) => new Date(ms).toISOString();
  const security =
    `<wsse:Security xmlns:wsse="${WSSE}" xmlns:wsu="${WSU}" SOAP-ENV:mustUnderstand="1">` +
    `<wsse:BinarySecurityToken wsu:Id="token" EncodingType="${BASE64}" ValueType="${X509_V3}">${token}</wsse:BinarySecurityToken>` +
    `<wsu:Timestamp wsu:Id="timestamp"><wsu:Created>${instant(nowMs)}</wsu:Created>` +
    `<wsu:Expires>${instant(later(nowMs, VALID_MS))}</wsu:Expires></wsu:Timestamp></wsse:Security>`;
  const header = blocks.map((block, i) => withId(block, ids[i]!)).join("") + security;
  const xml =
    `${open}<SOAP-ENV:Header>${header}</SOAP-ENV:Header>` +
    `<SOAP-ENV:Body xmlns:wsu="${WSU}" wsu:Id="body">${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
  const keyInfo =
    `<wsse:SecurityTokenReference xmlns:wsse="${WSSE}">` +
    `<wsse:Reference URI="#token" ValueType="${X509_V3}"/></wsse:SecurityTokenReference>`;
  return signXml(xml, [...ids, "timestamp", "body"], SECURITY, { key: signer.key, keyInfo });
}

function later(momentMs: number, ms: number): number {
  return momentMs + ms;
}
