import { readDraft, SALT_LENGTH } from "../domain/log-leaf.ts";
import { sha256Hex } from "../lib/sha256.ts";
import type { LoggedEntry, NewLogEntry } from "./message-log.ts";

/** What an entry is once it has its place. */
export function placed({ leaf, salted, originalSalt }: NewLogEntry, index: number): LoggedEntry {
  return {
    leaf: readDraft(leaf, index, sha256Hex(salted)),
    stored: salted.subarray(SALT_LENGTH),
    salt: salted.subarray(0, SALT_LENGTH),
    originalSalt,
  };
}
