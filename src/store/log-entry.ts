import { commit } from "../domain/log-leaf.ts";
import type { NewLogEntry } from "./message-log.ts";

/** The two commitments of an entry, 32 octets each; the same one twice when nothing was replaced. */
export function commitmentsOf({ stored, salt, original }: NewLogEntry): { body: Uint8Array; stored: Uint8Array } {
  const hashed = commit(salt, stored);
  return { body: original?.hash ?? hashed, stored: hashed };
}
