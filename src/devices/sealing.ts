import { createCipheriv, createDecipheriv } from "node:crypto";
import { MetergateError } from "../domain/errors.ts";
import { concatBytes } from "../lib/bytes.ts";
import type { Random } from "../lib/random.ts";

const ALGORITHM = "aes-256-gcm";
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;

/**
 * AES-256-GCM with a random nonce.
 * @param key 32 octets
 * @param associatedData what the result is bound to; the same is needed to open it
 * @returns nonce (12), ciphertext, tag (16)
 */
export function seal(key: Uint8Array, plain: Uint8Array, associatedData: Uint8Array, random: Random): Uint8Array {
  const nonce = random.bytes(NONCE_LENGTH);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_LENGTH }).setAAD(associatedData);
  return concatBytes(nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag());
}

/**
 * Opens what `seal` made.
 * @throws MetergateError VAULT_UNREADABLE when key, associated data or content is another.
 */
export function openSealed(key: Uint8Array, sealed: Uint8Array, associatedData: Uint8Array): Uint8Array {
  const tagAt = sealed.length - TAG_LENGTH;
  if (tagAt < NONCE_LENGTH) throw new MetergateError("VAULT_UNREADABLE", "a stored secret is cut short");
  try {
    const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_LENGTH), { authTagLength: TAG_LENGTH })
      .setAAD(associatedData)
      .setAuthTag(sealed.subarray(tagAt));
    return concatBytes(decipher.update(sealed.subarray(NONCE_LENGTH, tagAt)), decipher.final());
  } catch {
    throw new MetergateError("VAULT_UNREADABLE", "a stored secret was changed, moved, or sealed under another key");
  }
}
