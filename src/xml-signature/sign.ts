import { type KeyObject, sign } from "node:crypto";
import { DIGEST_WITH, EXCLUSIVE_C14N, encodingOf, SIGN_WITH, SIGNATURE_SCHEMES } from "./algorithms.ts";
import { DSIG } from "./dom.ts";

/** What signs. */
export interface Signer {
  /** RSA, or EC on P-256. */
  readonly key: KeyObject;
  /** Content of the KeyInfo element. */
  readonly keyInfo: string;
}

/** What is signed: an element that has this id. */
export interface Reference {
  readonly id: string;
  /** SHA-256 of its canonical form, base64. */
  readonly digest: string;
}

/**
 * The signature over elements of a document whose digests are known. It is written in its canonical form, so nothing is
 * parsed: a document of many megabytes costs no more than one of a few lines.
 */
export function signReferences(references: readonly Reference[], { key, keyInfo }: Signer): string {
  const algorithm = SIGN_WITH[key.asymmetricKeyType as keyof typeof SIGN_WITH];
  const scheme = SIGNATURE_SCHEMES[algorithm]!;
  const info =
    `<ds:SignedInfo xmlns:ds="${DSIG}">${empty("CanonicalizationMethod", EXCLUSIVE_C14N)}` +
    `${empty("SignatureMethod", algorithm)}${references.map(written).join("")}</ds:SignedInfo>`;
  const value = sign(scheme.hash, Buffer.from(info), { key, ...encodingOf(scheme) }).toString("base64");
  return (
    `<ds:Signature xmlns:ds="${DSIG}">${info}<ds:SignatureValue>${value}</ds:SignatureValue>` +
    `<ds:KeyInfo>${keyInfo}</ds:KeyInfo></ds:Signature>`
  );
}

function written({ id, digest }: Reference): string {
  return (
    `<ds:Reference URI="#${id}"><ds:Transforms>${empty("Transform", EXCLUSIVE_C14N)}</ds:Transforms>` +
    `${empty("DigestMethod", DIGEST_WITH)}<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference>`
  );
}

function empty(name: string, algorithm: string): string {
  return `<ds:${name} Algorithm="${algorithm}"></ds:${name}>`;
}
