import { createPrivateKey, type KeyObject } from "node:crypto";
import { DIGEST_WITH, EXCLUSIVE_C14N, hashAlgorithms, SIGN_WITH, signatureAlgorithms } from "./algorithms.ts";
import { xmlCrypto } from "./library.ts";

/** What signs. */
export interface Signer {
  /** RSA, or EC on P-256. */
  readonly key: KeyObject;
  /** Content of the KeyInfo element. */
  readonly keyInfo: string;
}

/** A private key in PEM, if it can sign. @throws RangeError */
export function signingKey(pem: string | Buffer): KeyObject {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType === "rsa" || key.asymmetricKeyType === "ec") return key;
  throw new RangeError(`a key of the kind ${key.asymmetricKeyType} signs no XML`);
}

/**
 * Signs elements of a document, named by their ids.
 * @param parent XPath of the element that the signature becomes the last child of
 */
export function signXml(xml: string, ids: readonly string[], parent: string, { key, keyInfo }: Signer): string {
  const { SignedXml } = xmlCrypto();
  const signer = new SignedXml({
    idMode: "wssecurity",
    privateKey: key,
    signatureAlgorithm: SIGN_WITH[key.asymmetricKeyType as keyof typeof SIGN_WITH],
    canonicalizationAlgorithm: EXCLUSIVE_C14N,
    getKeyInfoContent: () => keyInfo,
  });
  signer.SignatureAlgorithms = signatureAlgorithms();
  signer.HashAlgorithms = hashAlgorithms();
  for (const id of ids) {
    signer.addReference({
      xpath: `//*[@*[local-name(.)='Id']='${id}']`,
      transforms: [EXCLUSIVE_C14N],
      digestAlgorithm: DIGEST_WITH,
    });
  }
  signer.computeSignature(xml, { prefix: "ds", location: { reference: parent, action: "append" } });
  return signer.getSignedXml();
}
