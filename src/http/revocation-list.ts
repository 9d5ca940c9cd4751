import { verify, type X509Certificate } from "node:crypto";
import { DER, type DerValue, partsOfDer, readDer, readOid, readTimeMs } from "../lib/der.ts";
import { SIGNATURE_ALGORITHMS } from "./signature-algorithms.ts";

/** A revocation list of an authority that is believed. */
export interface RevocationList {
  readonly issuer: X509Certificate;
  /** Serial numbers as X509Certificate has them: capital hexadecimal digits without zeros in front. */
  readonly serials: ReadonlySet<string>;
  /** Epoch milliseconds until which the next one comes; absent when it does not say. */
  readonly nextUpdateMs?: number | undefined;
}

/** What an operator gave and cannot be used; the message says which and why. */
export class TrustError extends Error {
  readonly code = "TRUST";
}

/** A serial number without leading zeros, to be compared. */
export function serialKey(hex: string): string {
  return hex.toUpperCase().replace(/^0+(?=.)/, "");
}

function isTime({ tag }: DerValue | { tag: undefined }): boolean {
  return tag === DER.utcTime || tag === DER.generalizedTime;
}

/**
 * Reads revocation lists (RFC 5280, section 5) in PEM, one after the other, or one in DER.
 * @param authorities one of which must have signed each
 * @throws TrustError
 */
export function readRevocationLists(content: Buffer, authorities: readonly X509Certificate[]): RevocationList[] {
  const text = content.toString("latin1");
  const blocks = [...text.matchAll(/-----BEGIN X509 CRL-----([\s\S]*?)-----END X509 CRL-----/g)];
  const lists = blocks.length > 0 ? blocks.map(([, base64]) => Buffer.from(base64!, "base64")) : [content];
  return lists.map((bytes, i) => {
    const name = lists.length > 1 ? `revocation list ${i + 1}` : "the revocation list";
    try {
      return readList(bytes, authorities, name);
    } catch (error) {
      if (error instanceof TrustError) throw error;
      throw new TrustError(`${name} cannot be read: it is neither PEM nor DER of X.509`);
    }
  });
}

function readList(bytes: Buffer, authorities: readonly X509Certificate[], name: string): RevocationList {
  const [list] = readDer(bytes);
  const [content, algorithm, signature] = partsOfDer(list!) as [DerValue, DerValue, DerValue];
  const oid = readOid(partsOfDer(algorithm)[0]!);
  const hash = SIGNATURE_ALGORITHMS[oid];
  if (hash === undefined) throw new TrustError(`${name} is signed with algorithm ${oid}, which is not taken`);
  const signed = Buffer.from(content.whole);
  const octets = Buffer.from(signature.content.subarray(1));
  const issuer = authorities.find((each) => isSignedBy(hash, signed, each, octets));
  if (!issuer) throw new TrustError(`${name} is not signed by one of the authorities that are believed`);
  let [parts] = [partsOfDer(content)];
  // Version, algorithm and issuer come first; the version may be left out.
  parts = parts.slice(parts[0]?.tag === DER.integer ? 3 : 2);
  const [, next, revoked] = isTime(parts[1] ?? { tag: undefined }) ? parts : [parts[0], undefined, parts[1]];
  const entries = revoked?.tag === DER.sequence ? partsOfDer(revoked) : [];
  return {
    issuer,
    serials: new Set(entries.map((each) => serialKey(Buffer.from(partsOfDer(each)[0]!.content).toString("hex")))),
    nextUpdateMs: next && readTimeMs(next),
  };
}

function isSignedBy(hash: string | null, signed: Buffer, { publicKey }: X509Certificate, signature: Buffer): boolean {
  try {
    return verify(hash, signed, publicKey, signature);
  } catch {
    // A key of another kind than the signature is.
    return false;
  }
}
