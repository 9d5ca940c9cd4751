import forge from "node-forge";

const { asn1 } = forge;
type Asn1 = forge.asn1.Asn1;
const { UNIVERSAL, CONTEXT_SPECIFIC } = asn1.Class;
const { Type } = asn1;

/** Octets as forge has them: a text with a character per octet. */
function binary(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function primitive(type: forge.asn1.Type, value: string): Asn1 {
  return asn1.create(UNIVERSAL, type, false, value);
}

/** Builds ASN.1 values, in the names of ITU-T X.680. */
export const der = {
  sequence: (...values: Asn1[]): Asn1 => asn1.create(UNIVERSAL, Type.SEQUENCE, true, values),
  set: (...values: Asn1[]): Asn1 => asn1.create(UNIVERSAL, Type.SET, true, values),
  oid: (oid: string): Asn1 => primitive(Type.OID, asn1.oidToDer(oid).getBytes()),
  utf8: (text: string): Asn1 => primitive(Type.UTF8, forge.util.encodeUtf8(text)),
  boolean: (value: boolean): Asn1 => primitive(Type.BOOLEAN, value ? "\xff" : "\0"),
  /** An INTEGER that is not negative. @param bytes big-endian */
  integer(bytes: Uint8Array): Asn1 {
    const first = bytes.findIndex((octet) => octet !== 0);
    const shortest = first < 0 ? Uint8Array.of(0) : bytes.subarray(first);
    return primitive(Type.INTEGER, (shortest[0]! & 0x80 ? "\0" : "") + binary(shortest));
  },
  octets: (bytes: Uint8Array): Asn1 => primitive(Type.OCTETSTRING, binary(bytes)),
  /** A BIT STRING of whole octets, but for so many bits at the end. */
  bits: (bytes: Uint8Array, unused = 0): Asn1 => primitive(Type.BITSTRING, String.fromCharCode(unused) + binary(bytes)),
  nothing: (): Asn1 => primitive(Type.NULL, ""),
  /** A time as certificates have it (RFC 5280, section 4.1.2.5): of two digits for the year before 2050. */
  time(ms: number): Asn1 {
    const date = new Date(ms);
    return date.getUTCFullYear() < 2050
      ? primitive(Type.UTCTIME, asn1.dateToUtcTime(date))
      : primitive(Type.GENERALIZEDTIME, asn1.dateToGeneralizedTime(date));
  },
  /** [tag] EXPLICIT, or [tag] IMPLICIT of what is constructed. */
  tagged: (tag: number, ...values: Asn1[]): Asn1 => asn1.create(CONTEXT_SPECIFIC, tag, true, values),
  /** [tag] IMPLICIT of what is primitive. */
  taggedOctets: (tag: number, bytes: Uint8Array): Asn1 => asn1.create(CONTEXT_SPECIFIC, tag, false, binary(bytes)),
};

export function encode(value: Asn1): Buffer {
  return Buffer.from(asn1.toDer(value).getBytes(), "latin1");
}

/** @throws Error when it is no ASN.1 */
export function decode(bytes: Uint8Array): Asn1 {
  // Left alone, forge reads a BIT STRING that looks like ASN.1 as such, and its octets are gone.
  const options = { decodeBitStrings: false } as unknown as boolean;
  return asn1.fromDer(binary(bytes), options);
}

/** What a constructed value is made of. */
export function partsOf(value: Asn1): Asn1[] {
  return value.value as Asn1[];
}
