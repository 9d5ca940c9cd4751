import type { CommandContext } from "./context.ts";
import { withVault } from "./data.ts";
import { operatorName } from "./operator.ts";

/** `vault rotate`: adds a key-encryption key and wraps all data keys with it; a server may go on running. */
export async function vaultRotate(context: CommandContext): Promise<void> {
  const { rewrapped, dropped } = await withVault(context.config(), (_store, vault) => vault.rotate(operatorName()));
  context.print(`${rewrapped} data keys wrapped with the new key, ${dropped} old keys forgotten`);
}
