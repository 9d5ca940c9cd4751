import type { KeyObject, X509Certificate } from "node:crypto";
import { DIGEST_WITH, EXCLUSIVE_C14N, hashAlgorithms, SIGN_WITH, signatureAlgorithms } from "./algorithms.ts";
import { xmlCrypto } from "./library.ts";

/** The signature itself is left out of what is signed: XML Signature 1.1, section 6.6.4. */
const ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

/** What signs a document, and the certificate that says whose key it is. */
export interface DocumentSigner {
  /** RSA, or EC on P-256. */
  readonly key: KeyObject;
  readonly certificate: X509Certificate;
}

/** Signs a whole document; the signature, with the certificate in it, becomes the last child of its root. */
export function signDocument(xml: string, { key, certificate }: DocumentSigner): string {
  const encoded = certificate.raw.toString("base64");
  const { SignedXml } = xmlCrypto();
  const signer = new SignedXml({
    privateKey: key,
    signatureAlgorithm: SIGN_WITH[key.asymmetricKeyType as keyof typeof SIGN_WITH],
    canonicalizationAlgorithm: EXCLUSIVE_C14N,
    getKeyInfoContent: () => `<ds:X509Data><ds:X509Certificate>${encoded}</ds:X509Certificate></ds:X509Data>`,
  });
  signer.SignatureAlgorithms = signatureAlgorithms();
  signer.HashAlgorithms = hashAlgorithms();
  signer.addReference({
    xpath: "/*",
    isEmptyUri: true,
    transforms: [ENVELOPED, EXCLUSIVE_C14N],
    digestAlgorithm: DIGEST_WITH,
  });
  signer.computeSignature(xml, { prefix: "ds", location: { reference: "/*", action: "append" } });
  return signer.getSignedXml();
}
