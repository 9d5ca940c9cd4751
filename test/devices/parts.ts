import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { importDevices } from "../../src/devices/import.ts";
import { type KeyVault, openKeyVault } from "../../src/devices/key-vault.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { type Database, openDatabase } from "../../src/store/database.ts";

export const NOW_MS = Date.UTC(2025, 0, 1);
export const METER = "TEST1024000000001";
export const GAS_METER = "TESTG102400000001";

/** A database in a directory of its own, with the parts around it that tests of devices need. */
export interface Parts {
  readonly dataDirectory: string;
  readonly keyFile: string;
  readonly clock: ManualClock;
  readonly database: Database;
  readonly vault: KeyVault;
  /** Imports the devices file with this content. */
  load(content: unknown, replaceKeys?: boolean): ReturnType<typeof importDevices>;
  /** The same database as another process has it open. */
  reopen(): Promise<{ database: Database; vault: KeyVault; close(): Promise<void> }>;
  close(): Promise<void>;
}

export async function openParts(): Promise<Parts> {
  const dataDirectory = mkdtempSync(join(tmpdir(), "metergate-devices-"));
  const keyFile = join(dataDirectory, "vault.key");
  const clock = new ManualClock(NOW_MS);
  const open = async () => {
    const database = await openDatabase({ dataDirectory });
    try {
      const vault = await openKeyVault({ database, keyFile, clock, random: systemRandom });
      return { database, vault, close: () => database.close() };
    } catch (error) {
      await database.close();
      throw error;
    }
  };
  const { database, vault } = await open();
  return {
    dataDirectory,
    keyFile,
    clock,
    database,
    vault,
    load: (content, replaceKeys = false) =>
      importDevices(JSON.stringify(content), { database, vault, clock, replaceKeys }),
    reopen: open,
    async close() {
      await database.close();
      rmSync(dataDirectory, { recursive: true });
    },
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
