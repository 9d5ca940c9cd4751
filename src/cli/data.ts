import type { Config } from "../config.ts";
import { type KeyVault, openKeyVault } from "../devices/key-vault.ts";
import { systemClock } from "../lib/clock.ts";
import { systemRandom } from "../lib/random.ts";
import { type Database, openDatabase } from "../store/database.ts";

/** Opens the database of the data directory while `use` runs; a server may have it open at the same time. */
export async function withDatabase<T>(config: Config, use: (database: Database) => Promise<T>): Promise<T> {
  const database = await openDatabase({ dataDirectory: config.dataDir });
  try {
    return await use(database);
  } finally {
    await database.close();
  }
}

/** Opens database and vault while `use` runs. */
export async function withVault<T>(
  config: Config,
  use: (database: Database, vault: KeyVault) => Promise<T>,
): Promise<T> {
  return withDatabase(config, async (database) => {
    const parts = { database, keyFile: config.vaultKeyFile, clock: systemClock, random: systemRandom };
    return use(database, await openKeyVault(parts));
  });
}
