import { invalidValue } from "./errors.ts";

/** How many octets a server address may take. */
export type HdlcAddressLength = 1 | 2 | 4;

/** The address of a meter (IEC 62056-46, 6.4.2.3). */
export interface HdlcServerAddress {
  /** Logical device, 0 … 16383. */
  readonly upper: number;
  /** Physical device, 0 … 16383. Absent when the connection leads to one physical device. */
  readonly lower?: number | undefined;
  /** Octets on the wire, when they are to be more than the numbers need: some meters take four and no others. */
  readonly octets?: HdlcAddressLength | undefined;
}

const LARGEST_PART = 0x3fff;
const LARGEST_SHORT_PART = 0x7f;

/**
 * The octets of a server address: seven bits each, high bits first, the lowest bit set only in the last octet.
 * The logical device alone takes 1 octet, with a physical device 2; where one of the numbers is above 127, 4. Without
 * a physical device the form of four octets has 0 in its place.
 * @throws DlmsError `local/invalid-value` for a part outside 0 … 16383, or a length that does not hold them.
 */
export function encodeServerAddress(address: HdlcServerAddress): Uint8Array {
  const { upper, lower = 0 } = address;
  for (const part of [upper, lower]) {
    if (!Number.isInteger(part) || part < 0 || part > LARGEST_PART) throw invalidValue(`no HDLC address: ${part}`);
  }
  const needed = octetsNeeded(address);
  const { octets = needed } = address;
  if (![1, 2, 4].includes(octets) || octets < needed) {
    throw invalidValue(`an HDLC address of ${octets} octets does not hold ${upper} and ${lower}`);
  }
  if (octets === 1) return septets([upper]);
  return septets(octets === 2 ? [upper, lower] : [upper >> 7, upper, lower >> 7, lower]);
}

/** Reads the 1, 2 or 4 octets of a server address as they stand in a frame. */
export function decodeServerAddress(octets: Uint8Array): HdlcServerAddress {
  const [a = 0, b = 0, c = 0, d = 0] = Array.from(octets, (octet) => octet >> 1);
  if (octets.length === 1) return { upper: a };
  if (octets.length === 2) return { upper: a, lower: b };
  const address = { upper: (a << 7) | b, lower: (c << 7) | d };
  return octetsNeeded(address) === 4 ? address : { ...address, octets: 4 };
}

function octetsNeeded({ upper, lower }: HdlcServerAddress): HdlcAddressLength {
  if (upper > LARGEST_SHORT_PART || (lower ?? 0) > LARGEST_SHORT_PART) return 4;
  return lower === undefined ? 1 : 2;
}

/**
 * The octet of a client address.
 * @param sap client SAP, 1 … 127
 * @throws DlmsError `local/invalid-value`
 */
export function encodeClientAddress(sap: number): Uint8Array {
  if (!Number.isInteger(sap) || sap < 1 || sap > 0x7f) throw invalidValue(`no HDLC client address: ${sap}`);
  return septets([sap]);
}

function septets(parts: readonly number[]): Uint8Array {
  const octets = Uint8Array.from(parts, (part) => (part & 0x7f) << 1);
  octets[octets.length - 1]! |= 1;
  return octets;
}
