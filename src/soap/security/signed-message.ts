import { X509Certificate } from "node:crypto";
import { SOAP_11 } from "../../lib/soap-namespace.ts";
import { childrenOf, DSIG, type Inventory, onlyChild, SignatureRefused } from "../../xml-signature/dom.ts";
import { type SignedPart, verifySignature } from "../../xml-signature/verify.ts";
import { isAddressing } from "../addressing.ts";
import type { HeaderBlock } from "../envelope.ts";
import { SoapFault } from "../fault.ts";
import { childElements, namedChildren, withDocument } from "./elements.ts";
import { WSSE, WSU } from "./names.ts";

const ENVELOPE = `{${SOAP_11}}Envelope`;
const HEADER = [ENVELOPE, `{${SOAP_11}}Header`];
const SECURITY = [...HEADER, `{${WSSE}}Security`];
const SIGNATURE = [...SECURITY, `{${DSIG}}Signature`];
const TIMESTAMP = [...SECURITY, `{${WSU}}Timestamp`].join();
const BODY = [ENVELOPE, `{${SOAP_11}}Body`].join();
/** Characters of a signed message: a second parser reads it, which is slow. */
const LONGEST_SIGNED = 1_048_576;

/** A message whose signature fits: what was signed of it, and by whom. */
export interface SignedMessage {
  readonly certificate: X509Certificate;
  /** The body as it was signed. */
  readonly body: string;
  readonly created: string;
  readonly expires: string | undefined;
  /** Tells this message from all others; see `VerifiedSignature`. */
  readonly signedSha256: string;
}

function refuse(text: string): never {
  throw new SoapFault("Client", `The signature is refused: ${text}`);
}

/** The certificate that the signature names: a token of the same header, or the very certificate. */
function certificateOf(signature: Element, { ids }: Inventory): X509Certificate {
  const [first, ...more] = childrenOf(onlyChild(signature, DSIG, "KeyInfo"));
  if (!first || more.length > 0) throw new SignatureRefused("KeyInfo must hold one thing");
  const isReference = first.namespaceURI === WSSE && first.localName === "SecurityTokenReference";
  const [content = first] = isReference ? childrenOf(first) : [first];
  if (content.namespaceURI === WSSE && content.localName === "Reference") {
    const token = ids.get((content.getAttribute("URI") ?? "").replace(/^#/, ""));
    if (token?.localName === "BinarySecurityToken" && token.parentNode === signature.parentNode) return read(token);
    throw new SignatureRefused("the SecurityTokenReference names no BinarySecurityToken of the same header");
  }
  if (content.namespaceURI === DSIG && content.localName === "X509Data") {
    return read(onlyChild(content, DSIG, "X509Certificate"));
  }
  throw new SignatureRefused("KeyInfo must name a BinarySecurityToken or hold the certificate");
}

function read({ textContent }: Element): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(textContent ?? "", "base64"));
  } catch {
    throw new SignatureRefused("the certificate of the signature cannot be read");
  }
}

/** The one signed part at a path. */
function partAt(parts: readonly SignedPart[], path: string, name: string): SignedPart {
  const [part, ...more] = parts.filter((each) => each.path.join() === path);
  return part && more.length === 0 ? part : refuse(`the ${name} is not signed`);
}

/** Each header of WS-Addressing must be signed as it stands there. */
function requireSignedAddressing(headers: readonly HeaderBlock[], parts: readonly SignedPart[]): void {
  const signed = parts
    .filter(({ path }) => path.length === HEADER.length + 1 && path.slice(0, -1).join() === HEADER.join())
    .map(({ canonical }) =>
      withDocument(canonical, (root) => `{${root.namespaceUri}}${root.name} ${root.content.trim()}`),
    );
  for (const { namespace, name, text } of headers.filter(isAddressing)) {
    const at = signed.indexOf(`{${namespace}}${name} ${text}`);
    if (at < 0) refuse(`the header ${name} is not signed`);
    signed.splice(at, 1);
  }
}

/**
 * Takes the signed parts out of a message. Whether its certificate is believed, its time and its being new are for others.
 * @param headers blocks of the message, as they were read from it
 * @throws SoapFault Client that says why the signature is refused
 */
export function openSignedMessage(text: string, headers: readonly HeaderBlock[]): SignedMessage {
  if (text.length > LONGEST_SIGNED) refuse(`a signed message may have ${LONGEST_SIGNED} characters`);
  try {
    const { certificate, parts, signedSha256 } = verifySignature(text, { place: SIGNATURE, certificateOf });
    const body = partAt(parts, BODY, "Body").canonical;
    const times = withDocument(partAt(parts, TIMESTAMP, "Timestamp").canonical, (root) => {
      const texts = (name: string) => namedChildren(root, WSU, name).map(({ content }) => content.trim());
      const [created, expires] = [texts("Created"), texts("Expires")];
      if (created.length !== 1 || expires.length > 1 || childElements(root).length > 2) {
        return refuse("the Timestamp must have one Created and at most one Expires");
      }
      return { created: created[0]!, expires: expires[0] };
    });
    requireSignedAddressing(headers, parts);
    return { certificate, body, ...times, signedSha256 };
  } catch (error) {
    if (error instanceof SignatureRefused) refuse(error.message);
    throw error;
  }
}
