import { join } from "node:path";
import { importDevices } from "../../src/devices/import.ts";
import { type KeyVault, openKeyVault } from "../../src/devices/key-vault.ts";
import { FAMILIES } from "../../src/families.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { openStore } from "../../src/store/open-store.ts";
import type { Store } from "../../src/store/store.ts";
import { openTemporaryStore, type TemporaryStore } from "../store/temporary-store.ts";

export const NOW_MS = Date.UTC(2025, 0, 1);
export const METER = "TEST1024000000001";
export const GAS_METER = "TESTG102400000001";

/** A store in a directory of its own, with the parts around it that tests of devices need. */
export interface Parts {
  readonly dataDirectory: string;
  readonly keyFile: string;
  readonly clock: ManualClock;
  readonly store: TemporaryStore;
  readonly vault: KeyVault;
  /** Imports the devices file with this content. */
  load(content: unknown, replaceKeys?: boolean): ReturnType<typeof importDevices>;
  /** The same store as another process has it open. */
  reopen(): Promise<{ store: Store; vault: KeyVault; close(): Promise<void> }>;
  close(): Promise<void>;
}

export async function openParts(): Promise<Parts> {
  const clock = new ManualClock(NOW_MS);
  const store = await openTemporaryStore(clock);
  const { dataDirectory } = store;
  const keyFile = join(dataDirectory, "vault.key");
  const openVault = ({ secrets }: Store) => openKeyVault({ secrets, keyFile, clock, random: systemRandom });
  const vault = await openVault(store);
  return {
    ...{ dataDirectory, keyFile, clock, store, vault },
    load: (content, replaceKeys = false) =>
      importDevices(JSON.stringify(content), { families: FAMILIES, store, vault, clock, replaceKeys }),
    reopen: async () => {
      const other = await openStore({ dataDirectory, clock });
      try {
        return { store: other, vault: await openVault(other), close: () => other.close() };
      } catch (error) {
        await other.close();
        throw error;
      }
    },
    close: () => store.close(),
  };
}

/** An electricity meter as a devices file has it. */
export function meterEntry(more: Record<string, unknown> = {}) {
  return {
    identification: METER,
    protocol: { name: "SMR", version: "5.0.0" },
    host: "127.0.0.1",
    hls5Active: true,
    owner: "test-org",
    ...more,
  };
}

export const ORGANISATIONS = [{ identification: "test-org" }, { identification: "other-org" }];
