/** Remainders of CRC-16/X.25 (reflected polynomial 0x8408) for each octet. */
const REMAINDERS = Uint16Array.from({ length: 256 }, (_, octet) => {
  let remainder = octet;
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >> 1) ^ 0x8408 : remainder >> 1;
  return remainder;
});

/**
 * The check sequence of HDLC frames (ISO/IEC 13239, FCS and HCS): CRC-16/X.25 over the octets from `start` to `end`.
 * On the wire its low octet comes first.
 */
export function hdlcCrc(octets: Uint8Array, start = 0, end = octets.length): number {
  let crc = 0xffff;
  for (let at = start; at < end; at++) crc = (crc >> 8) ^ REMAINDERS[(crc ^ octets[at]!) & 0xff]!;
  return crc ^ 0xffff;
}
