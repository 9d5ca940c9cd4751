import { MetergateError } from "../../domain/errors.ts";
import type { PlatformKeys } from "../../domain/family-ports.ts";
import type { Hex } from "../../lib/bytes.ts";

/**
 * A text that a caller sealed.
 * @param what it is, for the error; the text itself is in none
 * @throws MetergateError DECRYPTION_EXCEPTION, VALIDATION_ERROR
 */
export function openText(keys: PlatformKeys, sealed: Hex, what: string, allowed: RegExp): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(keys.openSecret(sealed));
  } catch (error) {
    if (error instanceof MetergateError) throw error;
    throw new MetergateError("VALIDATION_ERROR", `${what} is sealed and no text`);
  }
  if (allowed.test(text)) return text;
  throw new MetergateError("VALIDATION_ERROR", `${what} has other characters, or another number of them, than may be`);
}
