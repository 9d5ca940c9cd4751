import { X509Certificate } from "node:crypto";
import { partsOfDer, readDer, readOid } from "../lib/der.ts";
import { type RevocationList, serialKey, TrustError } from "./revocation-list.ts";
import { SIGNATURE_ALGORITHMS } from "./signature-algorithms.ts";

const CLIENT_AUTHENTICATION = "1.3.6.1.5.5.7.3.2";
const ANY_PURPOSE = "2.5.29.37.0";
/** Characters of a name that a text repeats: it is the presenter's to choose. */
const LONGEST_NAME = 120;

/** Where a certificate says whose it is. */
export const NAME_PLACES = ["cn", "dns", "uri", "email"] as const;
export type NamePlace = (typeof NAME_PLACES)[number];

/** Certificates in PEM, one after the other. @throws TrustError */
export function readCertificates(content: Buffer, name: string): X509Certificate[] {
  const blocks = content.toString("latin1").match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g);
  if (!blocks) throw new TrustError(`${name} has no certificate in PEM`);
  return blocks.map((block, i) => {
    try {
      return new X509Certificate(block);
    } catch {
      throw new TrustError(`certificate ${i + 1} in ${name} cannot be read`);
    }
  });
}

/** A distinguished name on one line. */
export function shownName(name: string): string {
  const line = name.replaceAll("\n", ", ");
  return line.length > LONGEST_NAME ? `${line.slice(0, LONGEST_NAME)}…` : line;
}

/** A certificate in words: whose, by whom, until when. */
export function describeCertificate({ subject, issuer, validTo }: X509Certificate): string {
  return `${shownName(subject)}, issued by ${shownName(issuer)}, valid until ${isoDay(Date.parse(validTo))}`;
}

function isoDay(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

/** The object identifier of what a certificate is signed with. */
function algorithmOf({ raw }: X509Certificate): string {
  const [, algorithm] = partsOfDer(readDer(raw)[0]!);
  return readOid(partsOfDer(algorithm!)[0]!);
}

/**
 * Whom to believe: authorities that issue certificates of callers themselves, and what they have withdrawn. It is never
 * changed: what is reloaded is another one.
 */
export class Trust {
  readonly authorities: readonly X509Certificate[];
  readonly lists: readonly RevocationList[];
  /** Who issued a certificate that was looked at; signatures are looked at once. */
  readonly #issuers = new WeakMap<X509Certificate, X509Certificate | null>();

  constructor(authorities: readonly X509Certificate[], lists: readonly RevocationList[]) {
    this.authorities = authorities;
    this.lists = lists;
  }

  /**
   * Why a certificate of a caller is not believed at this time; undefined when it is.
   * @param nowMs epoch milliseconds
   */
  whyNot(certificate: X509Certificate, nowMs: number): string | undefined {
    const what = describeCertificate(certificate);
    const issuer = this.#issuerOf(certificate);
    if (!issuer) {
      const isOwn = certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
      const how = isOwn ? "signed itself" : "was not issued by one of the authorities that are believed here";
      const believed = this.authorities.map(({ subject }) => shownName(subject)).join("; ");
      return `the certificate ${how}: ${what}; believed are: ${believed}`;
    }
    const early = [certificate, issuer].find(({ validFrom }) => nowMs < Date.parse(validFrom));
    const late = [certificate, issuer].find(({ validTo }) => nowMs > Date.parse(validTo));
    const clock = `the clock here says ${isoDay(nowMs)}`;
    if (early) return `the certificate is not valid before ${isoDay(Date.parse(early.validFrom))}; ${clock}: ${what}`;
    if (late) return `the certificate expired on ${isoDay(Date.parse(late.validTo))}; ${clock}: ${what}`;
    if (this.#isRevoked(certificate, issuer)) return `the certificate was revoked: ${what}`;
    // Node.js calls the extended key usage so.
    const { keyUsage: purposes = [ANY_PURPOSE], ca: isAuthority } = certificate;
    if (isAuthority) return `the certificate is an authority's, not a caller's: ${what}`;
    if (purposes.includes(CLIENT_AUTHENTICATION) || purposes.includes(ANY_PURPOSE)) return undefined;
    return `the certificate is not for client authentication: ${what}`;
  }

  #issuerOf(certificate: X509Certificate): X509Certificate | null {
    const known = this.#issuers.get(certificate);
    if (known !== undefined) return known;
    const isTaken = algorithmOf(certificate) in SIGNATURE_ALGORITHMS;
    const issuer = this.authorities.find(
      (each) => isTaken && each.ca && certificate.checkIssued(each) && certificate.verify(each.publicKey),
    );
    this.#issuers.set(certificate, issuer ?? null);
    return issuer ?? null;
  }

  #isRevoked({ serialNumber }: X509Certificate, { fingerprint256 }: X509Certificate): boolean {
    return this.lists.some(
      ({ issuer, serials }) => issuer.fingerprint256 === fingerprint256 && serials.has(serialKey(serialNumber)),
    );
  }
}

/**
 * Whose a certificate is. A common name is only taken when there is one alone.
 * @throws TrustError when it has no such name, or more than one common name
 */
export function namesIn(certificate: X509Certificate, place: NamePlace): string[] {
  if (place === "cn") {
    const { CN: name } = (certificate.toLegacyObject().subject ?? {}) as { CN?: string | string[] };
    if (typeof name === "string") return [name];
    const text = name === undefined ? "no common name" : `${name.length} common names`;
    throw new TrustError(`the certificate has ${text}: ${describeCertificate(certificate)}`);
  }
  const names = [...(certificate.subjectAltName ?? "").matchAll(/(?:^|, )(\w+):("(?:[^"\\]|\\.)*"|[^,]*)/g)]
    .filter(([, type]) => type?.toLowerCase() === place)
    .map(([, , value]) => (value!.startsWith('"') ? (JSON.parse(value!) as string) : value!));
  if (names.length > 0) return names;
  throw new TrustError(`the certificate has no name of the kind ${place}: ${describeCertificate(certificate)}`);
}
