/**
 * How certificates and revocation lists may be signed, by object identifier, with the hash where the algorithm does not say
 * it itself. SHA-1 and MD5 are not among them.
 */
export const SIGNATURE_ALGORITHMS: Readonly<Record<string, string | null>> = {
  "1.2.840.113549.1.1.11": "sha256", // sha256WithRSAEncryption
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256", // ecdsa-with-SHA256
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": null, // Ed25519
  "1.3.101.113": null, // Ed448
};
