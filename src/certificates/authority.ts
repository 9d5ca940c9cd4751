import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from "node:crypto";
import type { Random } from "../lib/random.ts";
import { decode, der, encode, partsOf } from "./der.ts";

/** A certificate and the private key that belongs to it, PEM. */
export interface Identity {
  readonly certificate: string;
  /** PKCS#8. */
  readonly key: string;
}

/** EC on P-256, which takes no time to make; RSA of 2048 bits for programs that know nothing else. */
export type KeyType = "ec" | "rsa";

/** What a certificate is to be. */
export interface Wanted {
  readonly commonName: string;
  readonly keyType?: KeyType | undefined;
  /** Epoch milliseconds. */
  readonly notBeforeMs: number;
  readonly notAfterMs: number;
}

/** What a certificate is for, beside its name. */
export interface Use {
  /** May be both; with neither it says nothing of it. */
  readonly server?: boolean | undefined;
  readonly client?: boolean | undefined;
  /** Names and addresses that a server is reached under. */
  readonly hosts?: readonly string[] | undefined;
  /** An authority below another one. */
  readonly authority?: boolean | undefined;
}

type Asn1 = ReturnType<typeof der.sequence>;

const SERIAL_OCTETS = 16;
const SIGNATURES = { ec: "1.2.840.10045.4.3.2", rsa: "1.2.840.113549.1.1.11" } as const;
const OIDS = {
  commonName: "2.5.4.3",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  subjectAltName: "2.5.29.17",
  subjectKeyIdentifier: "2.5.29.14",
  authorityKeyIdentifier: "2.5.29.35",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  clientAuth: "1.3.6.1.5.5.7.3.2",
  crlNumber: "2.5.29.20",
} as const;
/** Bits of KeyUsage, from the highest (RFC 5280, section 4.2.1.3): keyCertSign and cRLSign; digitalSignature. */
const KEY_USAGE = { authority: [0x06, 1], holder: [0x80, 7] } as const;

function newKeys(keyType: KeyType) {
  return keyType === "ec"
    ? generateKeyPairSync("ec", { namedCurve: "prime256v1" })
    : generateKeyPairSync("rsa", { modulusLength: 2048 });
}

function algorithmOf(key: KeyObject): Asn1 {
  return key.asymmetricKeyType === "ec"
    ? der.sequence(der.oid(SIGNATURES.ec))
    : der.sequence(der.oid(SIGNATURES.rsa), der.nothing());
}

/** SEQUENCE of what is signed, how, and the signature: certificates and revocation lists alike. */
function signed(content: Asn1, key: KeyObject): Buffer {
  return encode(der.sequence(content, algorithmOf(key), der.bits(sign("sha256", encode(content), key))));
}

function pem(label: string, bytes: Uint8Array): string {
  const lines = Buffer.from(bytes).toString("base64").replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function nameOf(commonName: string): Asn1 {
  return der.sequence(der.set(der.sequence(der.oid(OIDS.commonName), der.utf8(commonName))));
}

/** RFC 5280, section 4.2.1.2: SHA-1 of the public key's bits, which is a name and no protection. */
function keyIdentifier(key: KeyObject): Buffer {
  const [, bits] = partsOf(decode(createPublicKey(key).export({ type: "spki", format: "der" })));
  const octets = Buffer.from(bits!.value as string, "latin1").subarray(1);
  return createHash("sha1").update(octets).digest();
}

function extension(oid: string, value: Asn1, critical = false): Asn1 {
  const parts = critical ? [der.boolean(true)] : [];
  return der.sequence(der.oid(oid), ...parts, der.octets(encode(value)));
}

function hostName(host: string): Asn1 {
  if (/^\d+(\.\d+){3}$/.test(host)) return der.taggedOctets(7, Uint8Array.from(host.split("."), Number));
  if (/^[0-9a-f:]+$/i.test(host) && host.includes(":")) return der.taggedOctets(7, ipv6Octets(host));
  return der.taggedOctets(2, Buffer.from(host, "latin1"));
}

function ipv6Octets(host: string): Uint8Array {
  const [head = "", tail] = host.split("::");
  const groups = (part: string) => (part === "" ? [] : part.split(":"));
  const missing = 8 - groups(head).length - groups(tail ?? "").length;
  const all = [...groups(head), ...Array.from({ length: missing }, () => "0"), ...groups(tail ?? "")];
  return Uint8Array.from(all.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]));
}

function extensionsOf(use: Use, subjectKey: KeyObject, issuerKey: KeyObject): Asn1 {
  const [usage, unused] = use.authority ? KEY_USAGE.authority : KEY_USAGE.holder;
  const purposes = [...(use.server ? [OIDS.serverAuth] : []), ...(use.client ? [OIDS.clientAuth] : [])];
  const issuerId = der.sequence(der.taggedOctets(0, keyIdentifier(issuerKey)));
  const hosts = use.hosts ?? [];
  return der.sequence(
    extension(OIDS.basicConstraints, der.sequence(...(use.authority ? [der.boolean(true)] : [])), true),
    extension(OIDS.keyUsage, der.bits(Uint8Array.of(usage), unused), true),
    ...(purposes.length > 0 ? [extension(OIDS.extendedKeyUsage, der.sequence(...purposes.map(der.oid)))] : []),
    ...(hosts.length > 0 ? [extension(OIDS.subjectAltName, der.sequence(...hosts.map(hostName)))] : []),
    extension(OIDS.subjectKeyIdentifier, der.octets(keyIdentifier(subjectKey))),
    extension(OIDS.authorityKeyIdentifier, issuerId),
  );
}

interface Issuer {
  readonly name: Asn1;
  readonly key: KeyObject;
}

function issueBy(issuer: Issuer | undefined, wanted: Wanted, use: Use, random: Random): Identity {
  const { commonName, keyType = "ec", notBeforeMs, notAfterMs } = wanted;
  const { privateKey, publicKey } = newKeys(keyType);
  const subject = nameOf(commonName);
  const { name, key } = issuer ?? { name: subject, key: privateKey };
  const content = der.sequence(
    der.tagged(0, der.integer(Uint8Array.of(2))),
    der.integer(random.bytes(SERIAL_OCTETS)),
    algorithmOf(key),
    name,
    der.sequence(der.time(notBeforeMs), der.time(notAfterMs)),
    subject,
    decode(publicKey.export({ type: "spki", format: "der" })),
    der.tagged(3, extensionsOf(use, privateKey, key)),
  );
  return {
    certificate: pem("CERTIFICATE", signed(content, key)),
    key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
  };
}

/** The subject of a certificate, octet for octet: the issuer of what it signs. */
function issuerOf({ certificate, key }: Identity): Issuer {
  const [content] = partsOf(decode(new X509Certificate(certificate).raw));
  // Version 3 has its version first (RFC 5280, section 4.1).
  return { name: partsOf(content!)[5]!, key: createPrivateKey(key) };
}

/** Makes an authority that signed itself, for demonstrations and tests. */
export function newAuthority(wanted: Wanted, random: Random): Identity {
  return issueBy(undefined, wanted, { authority: true }, random);
}

/** Makes a key pair and has an authority sign a certificate for it. */
export function issueCertificate(authority: Identity, wanted: Wanted, use: Use, random: Random): Identity {
  return issueBy(issuerOf(authority), wanted, use, random);
}

/** A certificate that its holder signed itself, which proves nothing: for tests, and for peers that pin it. */
export function selfSigned(wanted: Wanted, use: Use, random: Random): Identity {
  return issueBy(undefined, wanted, use, random);
}

/**
 * A revocation list (RFC 5280, section 5), PEM.
 * @param certificates PEM, of which the authority withdraws its word
 * @param list.number grows from list to list
 */
export function revocationList(
  authority: Identity,
  certificates: readonly string[],
  list: { readonly number: number; readonly thisUpdateMs: number; readonly nextUpdateMs: number },
): string {
  const { name, key } = issuerOf(authority);
  const at = der.time(list.thisUpdateMs);
  const entries = certificates.map((each) =>
    der.sequence(der.integer(Buffer.from(evenHex(new X509Certificate(each).serialNumber), "hex")), at),
  );
  const number = der.integer(Buffer.from(evenHex(list.number.toString(16)), "hex"));
  const extensions = der.sequence(
    extension(OIDS.authorityKeyIdentifier, der.sequence(der.taggedOctets(0, keyIdentifier(key)))),
    extension(OIDS.crlNumber, number),
  );
  const content = der.sequence(
    der.integer(Uint8Array.of(1)),
    algorithmOf(key),
    name,
    at,
    der.time(list.nextUpdateMs),
    ...(entries.length > 0 ? [der.sequence(...entries)] : []),
    der.tagged(0, extensions),
  );
  return pem("X509 CRL", signed(content, key));
}

function evenHex(digits: string): string {
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}
