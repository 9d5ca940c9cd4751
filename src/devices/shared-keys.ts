import { MetergateError } from "../domain/errors.ts";
import type { AgreementsStore } from "../store/agreements.ts";

/** Names of what all nodes have to have in common. */
export const VAULT_KEY = "vault key";
export const PLATFORM_KEY = "platform key";
export const TOKEN_KEY = "key of UsernameToken passwords";
/** By the name of the log: its keys follow each other. */
export const LOG_KEYS = "keys of the message log";

/**
 * Requires that a node has the key that the others have.
 * @param own what names the node's keys, the one that a first node says is right first; not secret
 * @throws MetergateError VAULT_UNREADABLE
 */
export async function requireShared(
  agreements: AgreementsStore,
  name: string,
  own: readonly string[],
  file: string,
): Promise<void> {
  const right = await agreements.agree(name, own[0] ?? "");
  if (own.includes(right)) return;
  const text = `${file} does not hold the ${name} that the other nodes of this database have: copy it from one of them`;
  throw new MetergateError("VAULT_UNREADABLE", text);
}
