import { createPrivateKey, X509Certificate } from "node:crypto";
import forge from "node-forge";
import type { Random } from "../lib/random.ts";
import type { Identity } from "./authority.ts";
import { decode, der, encode, partsOf } from "./der.ts";

/** Object identifiers of PKCS#7 and PKCS#12 (RFC 7292). */
const OIDS = {
  data: "1.2.840.113549.1.7.1",
  shroudedKeyBag: "1.2.840.113549.1.12.10.1.2",
  certBag: "1.2.840.113549.1.12.10.1.3",
  x509Certificate: "1.2.840.113549.1.9.22.1",
  localKeyId: "1.2.840.113549.1.9.21",
  friendlyName: "1.2.840.113549.1.9.20",
  sha256: "2.16.840.1.101.3.4.2.1",
} as const;
const MAC_ROUNDS = 2_048;
const MAC_PURPOSE = 3;
const MAC_OCTETS = 32;
const SALT_OCTETS = 16;
/** Which certificate belongs to which key, within a bundle. */
const KEY_ID = Uint8Array.of(1);

type Asn1 = ReturnType<typeof der.sequence>;

/** A bundle that cannot be read; the message says why, and nothing of what is in it. */
export class BundleError extends Error {
  readonly code = "BUNDLE_UNREADABLE";
}

/** What a bundle holds, PEM. */
export interface Bundle extends Identity {
  /** Certificates besides, as of the authority that issued. */
  readonly others: readonly string[];
}

function data(content: Asn1): Asn1 {
  return der.sequence(der.oid(OIDS.data), der.tagged(0, der.octets(encode(content))));
}

function certBag(certificate: string, attributes: readonly Asn1[]): Asn1 {
  const value = der.sequence(
    der.oid(OIDS.x509Certificate),
    der.tagged(0, der.octets(new X509Certificate(certificate).raw)),
  );
  const attached = attributes.length > 0 ? [der.set(...attributes)] : [];
  return der.sequence(der.oid(OIDS.certBag), der.tagged(0, value), ...attached);
}

/**
 * A PKCS#12 bundle: the key under AES-256 and PBKDF2 (as PKCS#8 has it), certificates in clear, all of it under an HMAC
 * with SHA-256.
 * @throws BundleError when the password has other characters than printable ones of ASCII
 * @param others certificates that come along, PEM
 */
export function toPkcs12(
  { certificate, key }: Identity,
  others: readonly string[],
  password: string,
  random: Random,
): Buffer {
  requireAscii(password);
  const [, name = "key"] = /CN=([^\n]*)/.exec(new X509Certificate(certificate).subject) ?? [];
  const { asn1 } = forge;
  const friendly = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BMPSTRING, false, name);
  const attributes = [
    der.sequence(der.oid(OIDS.localKeyId), der.set(der.octets(KEY_ID))),
    der.sequence(der.oid(OIDS.friendlyName), der.set(friendly)),
  ];
  const shrouded = createPrivateKey(key).export({
    ...{ type: "pkcs8", format: "der", cipher: "aes-256-cbc", passphrase: password },
  });
  const keyBag = der.sequence(der.oid(OIDS.shroudedKeyBag), der.tagged(0, decode(shrouded)), der.set(...attributes));
  const certificates = [certBag(certificate, attributes), ...others.map((each) => certBag(each, []))];
  const contents = encode(der.sequence(data(der.sequence(...certificates)), data(der.sequence(keyBag))));
  return encode(
    der.sequence(
      der.integer(Uint8Array.of(3)),
      der.sequence(der.oid(OIDS.data), der.tagged(0, der.octets(contents))),
      macOf(contents, password, random),
    ),
  );
}

function macOf(contents: Buffer, password: string, random: Random): Asn1 {
  const salt = random.bytes(SALT_OCTETS);
  const saltBuffer = forge.util.createBuffer(Buffer.from(salt).toString("latin1"));
  const md = forge.md.sha256.create();
  const key = forge.pkcs12.generateKey(password, saltBuffer, MAC_PURPOSE, MAC_ROUNDS, MAC_OCTETS, md);
  const hmac = forge.hmac.create();
  hmac.start("sha256", key);
  hmac.update(contents.toString("latin1"));
  const digest = Buffer.from(hmac.digest().getBytes(), "latin1");
  return der.sequence(
    der.sequence(der.sequence(der.oid(OIDS.sha256), der.nothing()), der.octets(digest)),
    der.octets(salt),
    der.integer(Uint8Array.of(MAC_ROUNDS >> 8, MAC_ROUNDS & 0xff)),
  );
}

/** Programs disagree about what octets other characters are. */
function requireAscii(password: string): void {
  if (!/^[\x20-\x7e]+$/.test(password))
    throw new BundleError("a bundle's password is made of printable ASCII characters");
}

interface Bag {
  readonly key?: forge.pki.PrivateKey | null;
  readonly cert?: forge.pki.Certificate | null;
  readonly asn1?: Asn1;
}

/**
 * Reads a bundle with one private key, of whatever type.
 * @throws BundleError when the password or the bundle is wrong, or it has another number of keys than one
 */
export function fromPkcs12(bytes: Uint8Array, password: string): Bundle {
  requireAscii(password);
  const content = open(bytes, password);
  const bags = (type: string): Bag[] =>
    ((content.getBags({ bagType: type }) as Record<string, unknown>)[type] as Bag[] | undefined) ?? [];
  const { keyBag, pkcs8ShroudedKeyBag, certBag } = forge.pki.oids as Record<string, string>;
  const keys = [...bags(pkcs8ShroudedKeyBag!), ...bags(keyBag!)].map(({ key, asn1 }) =>
    asn1 ? encode(asn1) : encode(forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(key!))),
  );
  const [first, ...more] = keys;
  if (!first || more.length > 0) throw new BundleError(`the bundle has ${keys.length} private keys; it must have one`);
  const key = createPrivateKey({ key: first, format: "der", type: "pkcs8" });
  const certificates = bags(certBag!).map(
    ({ cert, asn1 }) => new X509Certificate(asn1 ? encode(asn1) : encode(forge.pki.certificateToAsn1(cert!))),
  );
  const own = certificates.find((each) => each.checkPrivateKey(key));
  if (!own) throw new BundleError("the bundle has no certificate for its private key");
  return {
    certificate: own.toString(),
    key: key.export({ type: "pkcs8", format: "pem" }) as string,
    others: certificates.filter((each) => each !== own).map(String),
  };
}

function open(bytes: Uint8Array, password: string): forge.pkcs12.Pkcs12Pfx {
  let content: Asn1;
  try {
    content = decode(bytes);
    partsOf(content);
  } catch {
    throw new BundleError("the file is no PKCS#12 bundle");
  }
  try {
    return forge.pkcs12.pkcs12FromAsn1(content, false, password);
  } catch (error) {
    const wrongPassword = /MAC could not be verified|password/i.test((error as Error).message);
    throw new BundleError(wrongPassword ? "the password is not that of the bundle" : "the file is no PKCS#12 bundle");
  }
}
