/** Octets as upper-case hexadecimal digits without separators: what goes through JSON. */
export type Hex = string;

/** Formats octets as upper-case hexadecimal digits without separators. */
export function toHex(bytes: Uint8Array): Hex {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex").toUpperCase();
}

/**
 * Parses hexadecimal digits; white space between octets is skipped.
 * @throws RangeError when a character is not a hexadecimal digit or an octet is incomplete.
 */
export function fromHex(text: string): Uint8Array {
  const digits = text.replace(/\s+/g, "");
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) {
    throw new RangeError("not a sequence of hexadecimal octets");
  }
  return new Uint8Array(Buffer.from(digits, "hex"));
}

/** Joins octet sequences into a new one. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** True when both hold the same octets. Not for secrets: the time it takes depends on where they differ. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((octet, i) => octet === b[i]);
}
