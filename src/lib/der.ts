/** One value of ASN.1 in DER (ITU-T X.690): what stands there, without an opinion of what it means. */
export interface DerValue {
  /** Class, form and number, as in the octet. */
  readonly tag: number;
  readonly content: Uint8Array;
  /** With its tag and length, as for a signature over it. */
  readonly whole: Uint8Array;
}

/** Octets that are no DER. */
class DerError extends Error {
  readonly code = "DER";
}

export const DER = {
  integer: 0x02,
  bits: 0x03,
  oid: 0x06,
  sequence: 0x30,
  utcTime: 0x17,
  generalizedTime: 0x18,
} as const;

/** Splits octets into the values that stand next to each other there. Tags above 30 do not come in certificates. */
export function readDer(bytes: Uint8Array): DerValue[] {
  const values: DerValue[] = [];
  for (let at = 0; at < bytes.length; ) {
    const value = readOne(bytes.subarray(at));
    values.push(value);
    at += value.whole.length;
  }
  return values;
}

function readOne(bytes: Uint8Array): DerValue {
  const [tag = 0, first = 0] = bytes;
  const octets = first < 0x80 ? 0 : first & 0x7f;
  // Four octets of length are 4 GB; 0x80 alone is the indefinite form of BER.
  if (bytes.length < 2 || (tag & 0x1f) === 0x1f || first === 0x80 || octets > 4) throw new DerError("no DER");
  let length = octets === 0 ? first : 0;
  for (const octet of bytes.subarray(2, 2 + octets)) length = length * 256 + octet;
  const start = 2 + octets;
  if (start + length > bytes.length) throw new DerError("DER that is cut off");
  return { tag, content: bytes.subarray(start, start + length), whole: bytes.subarray(0, start + length) };
}

/** The parts of a value that is made of others. @throws DerError when it is no such */
export function partsOfDer({ tag, content }: DerValue): DerValue[] {
  if ((tag & 0x20) === 0) throw new DerError("a primitive value where parts were expected");
  return readDer(content);
}

/** `1.2.840.10045.4.3.2`. @throws DerError */
export function readOid({ tag, content }: DerValue): string {
  if (tag !== DER.oid || content.length === 0) throw new DerError("no object identifier");
  const numbers: number[] = [];
  let number = 0;
  for (const octet of content) {
    number = number * 128 + (octet & 0x7f);
    if (octet & 0x80) continue;
    numbers.push(number);
    number = 0;
  }
  const [joined = 0, ...rest] = numbers;
  const root = Math.min(Math.floor(joined / 40), 2);
  return [root, joined - 40 * root, ...rest].join(".");
}

/** Epoch milliseconds of a UTCTime or GeneralizedTime as certificates have it, in UTC to the second. @throws DerError */
export function readTimeMs({ tag, content }: DerValue): number {
  const text = Buffer.from(content).toString("latin1");
  const digits = tag === DER.utcTime ? `${Number(text.slice(0, 2)) < 50 ? "20" : "19"}${text}` : text;
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits) ?? [];
  if (parts.length === 0) throw new DerError("no time");
  const [year, month, day, hour, minute, second] = parts.map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return Date.UTC(year, month - 1, day, hour, minute, second);
}
