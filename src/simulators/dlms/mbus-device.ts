import { fromHex } from "../../lib/bytes.ts";

/** A gas meter on one of the electricity meter's M-Bus channels. */
export interface MbusDevice {
  /** Eight decimal digits. */
  readonly identificationNumber: string;
  /** Three capital letters. */
  readonly manufacturer: string;
  /** 0 … 255 */
  readonly version: number;
  /** 3 is gas. */
  readonly deviceType: number;
  /** Primary address on the bus, 1 … 250. */
  readonly primaryAddress: number;
  /** Default key, 16 octets: wraps the keys that reach the gas meter. */
  readonly defaultKey: Uint8Array;
}

/** The key that gas meters have when none is given. */
export const DEFAULT_MBUS_KEY = fromHex("A0A1A2A3A4A5A6A7A8A9AAABACADAEAF");

/** Three letters as the 16-bit manufacturer of EN 13757: five bits a letter, A is 1; 0 for none. */
export function manufacturerNumber(letters: string): number {
  if (letters === "") return 0;
  const [first, second, third] = Buffer.from(letters, "latin1");
  return (first! - 64) * 1024 + (second! - 64) * 32 + (third! - 64);
}

/**
 * The identification number as attribute 6 of the M-Bus client holds it: the digits as BCD in class version 0, the plain
 * number from version 1 on.
 */
export function identificationValue(digits: string, classVersion: number): number {
  return classVersion === 0 ? Number.parseInt(digits, 16) : Number.parseInt(digits, 10);
}
