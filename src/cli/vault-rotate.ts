import type { CommandContext } from "./context.ts";
import { withVault } from "./data.ts";
import { operatorName } from "./operator.ts";

/** `vault rotate`: adds a key-encryption key and wraps all data keys with it; a server may go on running. */
export async function vaultRotate(context: CommandContext): Promise<void> {
  const done = await withVault(context.config(), (_store, vault) => vault.rotate(operatorName()));
  const { rewrapped, dropped, unreadable, named } = done;
  context.print(`${rewrapped} data keys wrapped with the new key, ${dropped} old keys forgotten`);
  if (unreadable > 0) context.print(`${unreadable} secrets cannot be read and stay as they are: ${named.join(", ")}`);
}
