import { type CosemData, cosem } from "../../dlms/data.ts";

/** Short ways to write COSEM data in object tables; each is named as the type it makes. */
export const { boolean, integer, unsigned, long, longUnsigned, doubleLongUnsigned, array, octetString, bitString } =
  cosem;
export const NULL_DATA = cosem.nullData();
export const enumerated = cosem.enum;
/** An octet-string with the six octets of a logical name. */
export const logicalNameOctets = cosem.logicalName;
export const structure = (...elements: readonly CosemData[]): CosemData => cosem.structure(elements);

/** An octet-string with the ASCII codes of `text`. */
export const asciiOctets = (text: string): CosemData => octetString(new Uint8Array(Buffer.from(text, "latin1")));

/** scaler_unit (class 3, attribute 3): value × 10^scaler, unit by number (Blue Book, table of units). */
export const scalerUnit = (scaler: number, unit: number): CosemData => structure(integer(scaler), enumerated(unit));

/** Numbers of the units that meters here use (Blue Book, class 3). */
export const UNITS = {
  second: 7,
  cubicMetre: 13,
  watt: 27,
  var: 29,
  wattHour: 30,
  ampere: 33,
  volt: 35,
  percent: 56,
  count: 255,
} as const;
