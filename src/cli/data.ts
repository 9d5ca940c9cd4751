import { type Config, storeSettings } from "../config.ts";
import { type KeyVault, openKeyVault } from "../devices/key-vault.ts";
import { systemClock } from "../lib/clock.ts";
import { systemRandom } from "../lib/random.ts";
import { openStore } from "../store/open-store.ts";
import type { Store } from "../store/store.ts";

async function whileOpen<T>(config: Config, readOnly: boolean, use: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore({ ...storeSettings(config), readOnly, clock: systemClock });
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}

/** Opens the store while `use` runs; a server may have it open at the same time. */
export function withStore<T>(config: Config, use: (store: Store) => Promise<T>): Promise<T> {
  return whileOpen(config, false, use);
}

/** The same to look only: nothing is created, migrated or written. */
export function lookInto<T>(config: Config, use: (store: Store) => Promise<T>): Promise<T> {
  return whileOpen(config, true, use);
}

/** Opens store and vault while `use` runs. */
export function withVault<T>(config: Config, use: (store: Store, vault: KeyVault) => Promise<T>): Promise<T> {
  return withStore(config, async (store) => {
    const { secrets } = store;
    const agreements = config.databaseUrl === undefined ? undefined : store.agreements;
    const parts = { secrets, agreements, keyFile: config.vaultKeyFile, clock: systemClock, random: systemRandom };
    return use(store, await openKeyVault(parts));
  });
}
