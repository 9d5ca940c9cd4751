import { createHash, type KeyLike, sign, verify } from "node:crypto";

/** Exclusive canonicalization without comments (W3C, 18 July 2002): the only one that is taken and made. */
export const EXCLUSIVE_C14N = "http://www.w3.org/2001/10/xml-exc-c14n#";

interface SignatureScheme {
  readonly key: "rsa" | "ec";
  readonly hash: string;
}

/** XML Signature 1.1 and RFC 6931; SHA-1 and HMAC are not among them. */
export const SIGNATURE_SCHEMES: Readonly<Record<string, SignatureScheme>> = {
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": { key: "rsa", hash: "sha256" },
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": { key: "rsa", hash: "sha384" },
  "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": { key: "rsa", hash: "sha512" },
  "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256": { key: "ec", hash: "sha256" },
  "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384": { key: "ec", hash: "sha384" },
  "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512": { key: "ec", hash: "sha512" },
};

export const DIGESTS: Readonly<Record<string, string>> = {
  "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
  "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
  "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
};

/** What signs with a key of a kind. */
export const SIGN_WITH = {
  rsa: "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
  ec: "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
} as const;
export const DIGEST_WITH = "http://www.w3.org/2001/04/xmlenc#sha256";

/** ECDSA signatures are r and s next to each other in XML (XML Signature 1.1, section 6.4.3), in DER elsewhere. */
export const encodingOf = ({ key }: SignatureScheme) => (key === "ec" ? ({ dsaEncoding: "ieee-p1363" } as const) : {});

/** The schemes as xml-crypto wants them: by node:crypto, each for keys of its kind alone. */
export function signatureAlgorithms() {
  return Object.fromEntries(
    Object.entries(SIGNATURE_SCHEMES).map(([name, scheme]) => [
      name,
      class {
        getAlgorithmName = () => name;
        getSignature = (material: string, key: KeyLike) =>
          sign(scheme.hash, Buffer.from(material), { key, ...encodingOf(scheme) } as never).toString("base64");
        verifySignature = (material: string, key: KeyLike, value: string) =>
          verify(
            scheme.hash,
            Buffer.from(material),
            { key, ...encodingOf(scheme) } as never,
            Buffer.from(value, "base64"),
          );
      },
    ]),
  );
}

export function hashAlgorithms() {
  return Object.fromEntries(
    Object.entries(DIGESTS).map(([name, hash]) => [
      name,
      class {
        getAlgorithmName = () => name;
        getHash = (text: string) => createHash(hash).update(text, "utf8").digest("base64");
      },
    ]),
  );
}
