import { createHash, timingSafeEqual } from "node:crypto";
import type { XmlElement } from "libxml2-wasm";
import { SOAP_11 } from "../../lib/soap-namespace.ts";
import { SoapFault } from "../fault.ts";
import { namedChildren, withDocument } from "./elements.ts";
import { PASSWORD_DIGEST, WSSE, WSU } from "./names.ts";

const LONGEST_NONCE = 200;

/** A user name with the digest of its password, as a message brings it. */
export interface UserToken {
  readonly user: string;
  /** Base64. */
  readonly digest: string;
  /** Base64. */
  readonly nonce: string;
  readonly created: string;
}

function refuse(text: string): never {
  throw new SoapFault("Client", `The UsernameToken is refused: ${text}`);
}

function textOf(parent: XmlElement, namespace: string, name: string): string {
  const [child, ...more] = namedChildren(parent, namespace, name);
  return child && more.length === 0 ? child.content.trim() : refuse(`it must have one ${name}`);
}

/**
 * The token in a message's Security header; undefined when there is none.
 * @throws SoapFault Client when there is more than one, or it is no digest
 */
export function readUserToken(text: string): UserToken | undefined {
  return withDocument(text, (root) => {
    const [header] = namedChildren(root, SOAP_11, "Header");
    const securities = header ? namedChildren(header, WSSE, "Security") : [];
    const tokens = securities.flatMap((security) => namedChildren(security, WSSE, "UsernameToken"));
    const [token] = tokens;
    if (!token) return undefined;
    if (tokens.length > 1) refuse("there is more than one");
    const [password] = namedChildren(token, WSSE, "Password");
    const type = password?.attrs.find(({ name }) => name === "Type")?.value;
    if (type !== PASSWORD_DIGEST) refuse("its Password must be of the type PasswordDigest");
    const nonce = textOf(token, WSSE, "Nonce");
    if (nonce.length === 0 || nonce.length > LONGEST_NONCE) refuse(`its Nonce has 1 to ${LONGEST_NONCE} characters`);
    const user = textOf(token, WSSE, "Username");
    return { user, digest: textOf(token, WSSE, "Password"), nonce, created: textOf(token, WSU, "Created") };
  });
}

/**
 * Whether the token was made with the password (UsernameToken Profile 1.1, section 3.1: the standard says SHA-1, over
 * nonce, time and password). Takes as long whatever is wrong.
 */
export function fitsPassword({ digest, nonce, created }: UserToken, password: string): boolean {
  const hash = createHash("sha1").update(Buffer.from(nonce, "base64")).update(created).update(password).digest();
  const given = Buffer.from(digest, "base64");
  return given.length === hash.length && timingSafeEqual(given, hash);
}
