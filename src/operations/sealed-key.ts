import { MetergateError } from "../domain/errors.ts";
import type { Hex } from "../lib/bytes.ts";

/** Octets of the shortest RSA ciphertext: no platform key has less than 2048 bits. */
const SHORTEST_CIPHERTEXT = 256;

/**
 * A key that is sent in clear must not come as far as the database. The error is the one that a key which cannot be
 * decrypted ends with, but it comes at once.
 * @throws MetergateError DECRYPTION_EXCEPTION
 */
export function requireSealed(name: string, key: Hex): void {
  const octets = key.length / 2;
  if (octets >= SHORTEST_CIPHERTEXT) return;
  const text = `${name} is not sealed: a ciphertext has ${SHORTEST_CIPHERTEXT} octets or more, not ${octets}`;
  throw new MetergateError("DECRYPTION_EXCEPTION", text);
}
