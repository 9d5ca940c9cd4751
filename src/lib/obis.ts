declare const obis: unique symbol;
/** An OBIS code (IEC 62056-6-1) as text with six numbers 0 … 255: `1.0.1.8.0.255`. */
export type ObisCode = string & { readonly [obis]: true };

/**
 * Checks and brands an OBIS code.
 * @throws RangeError when it is not six numbers from 0 to 255 with dots between.
 */
export function parseObis(text: string): ObisCode {
  const groups = text.split(".");
  if (groups.length !== 6 || !groups.every((group) => /^(0|[1-9]\d{0,2})$/.test(group) && Number(group) <= 255)) {
    throw new RangeError(`not an OBIS code (six numbers 0 to 255 with dots between): ${text}`);
  }
  return text as ObisCode;
}

/** The six octets of the logical name, group A first. */
export function obisToBytes(code: ObisCode): Uint8Array {
  return Uint8Array.from(code.split("."), Number);
}

/**
 * @throws RangeError when there are not exactly six octets.
 */
export function obisFromBytes(bytes: Uint8Array): ObisCode {
  if (bytes.length !== 6) throw new RangeError(`a logical name has 6 octets, not ${bytes.length}`);
  return bytes.join(".") as ObisCode;
}
