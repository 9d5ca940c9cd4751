import { invalidValue } from "./errors.ts";

/** The address of a meter (IEC 62056-46, 6.4.2.3). */
export interface HdlcServerAddress {
  /** Logical device, 0 … 16383. */
  readonly upper: number;
  /** Physical device, 0 … 16383. Absent or 0 when the connection leads to one physical device. */
  readonly lower?: number;
}

/**
 * The octets of a server address: seven bits each, high bits first, the lowest bit set only in the last octet.
 * The logical device alone takes 1 octet up to 127, else 2; with a physical device 2 octets when both are up to 127, else 4.
 * @throws DlmsError `local/invalid-value` for a part outside 0 … 16383.
 */
export function encodeServerAddress(address: HdlcServerAddress): Uint8Array {
  const { upper, lower = 0 } = address;
  for (const part of [upper, lower]) {
    if (!Number.isInteger(part) || part < 0 || part > 0x3fff) throw invalidValue(`no HDLC address: ${part}`);
  }
  if (lower === 0) return septets(upper <= 0x7f ? [upper] : [upper >> 7, upper]);
  return septets(upper <= 0x7f && lower <= 0x7f ? [upper, lower] : [upper >> 7, upper, lower >> 7, lower]);
}

/**
 * Reads the octets of a server address as they stand in a frame.
 * Two octets are taken as logical and physical device; a logical device above 127 alone looks the same on the wire.
 */
export function decodeServerAddress(octets: Uint8Array): HdlcServerAddress {
  const [a = 0, b = 0, c = 0, d = 0] = Array.from(octets, (octet) => octet >> 1);
  if (octets.length === 1) return { upper: a };
  return octets.length === 2 ? { upper: a, lower: b } : { upper: (a << 7) | b, lower: (c << 7) | d };
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
