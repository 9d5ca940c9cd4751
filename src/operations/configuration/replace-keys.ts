import { MetergateError } from "../../domain/errors.ts";
import type { Hex } from "../../lib/bytes.ts";
import { defineOperation, type Nothing } from "../operation.ts";

/** Keys as they came: RSA-OAEP ciphertext, never in clear. */
export interface SealedKeys {
  readonly authenticationKey: Hex;
  readonly encryptionKey: Hex;
}

/** Octets of the shortest RSA ciphertext: no platform key has less than 2048 bits. */
const SHORTEST_CIPHERTEXT = 256;

/**
 * A key that is sent in clear must not come as far as the database. The error is the one that a key which cannot be
 * decrypted ends with, but it comes at once.
 */
function requireSealed(name: string, key: Hex): void {
  const octets = key.length / 2;
  if (octets >= SHORTEST_CIPHERTEXT) return;
  const text = `${name} is not sealed: a ciphertext has ${SHORTEST_CIPHERTEXT} octets or more, not ${octets}`;
  throw new MetergateError("DECRYPTION_EXCEPTION", text);
}

export const replaceKeys = defineOperation<SealedKeys, Nothing>({
  name: "ReplaceKeys",
  effect: "moves",
  notification: "REPLACE_KEYS",
  failure: "fault",
  check({ authenticationKey, encryptionKey }) {
    requireSealed("AuthenticationKey", authenticationKey);
    requireSealed("EncryptionKey", encryptionKey);
  },
});
