import assert from "node:assert/strict";
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { dirname, join } from "node:path";
import { openKeyVault } from "../../src/devices/key-vault.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { METER, meterEntry, ORGANISATIONS, openParts, type Parts } from "./parts.ts";

const { openSync, fsyncSync, renameSync, linkSync } = fs;

describe("a file with keys", () => {
  /** What was asked of the disk, in order. */
  const events: string[] = [];
  let parts: Parts;

  beforeEach(async () => {
    parts = await openParts();
    await parts.load({
      organisations: ORGANISATIONS,
      devices: [meterEntry({ keys: { E_METER_MASTER_KEY: "00112233445566778899aabbccddeeff" } })],
    });
    events.length = 0;
    const paths = new Map<number, string>();
    const nameOf = (path: string) => (path === dirname(parts.keyFile) ? "directory" : "draft");
    fs.openSync = (path, ...more) => {
      const file = openSync(path, ...more);
      paths.set(file, String(path));
      return file;
    };
    fs.fsyncSync = (file) => {
      fsyncSync(file);
      events.push(`${nameOf(paths.get(file)!)} synced`);
    };
    fs.renameSync = (from, to) => {
      renameSync(from, to);
      events.push("named");
    };
    fs.linkSync = (from, to) => {
      linkSync(from, to);
      events.push("named");
    };
    syncBuiltinESMExports();
  });

  afterEach(async () => {
    Object.assign(fs, { openSync, fsyncSync, renameSync, linkSync });
    syncBuiltinESMExports();
    await parts.close();
  });

  it("is on the disk under its name, directory and all, before a row is wrapped by a new key in it", async () => {
    const { clock, keyFile, store } = parts;
    const secrets = {
      ...store.secrets,
      rewrap: async (...rows: Parameters<typeof store.secrets.rewrap>) => {
        events.push("rows wrapped");
        await store.secrets.rewrap(...rows);
      },
    };
    const vault = await openKeyVault({ secrets, keyFile, clock, random: systemRandom });
    assert.deepEqual(await vault.rotate(), { rewrapped: 1, dropped: 0, unreadable: 0, named: [] });
    assert.deepEqual(events.slice(0, 4), ["draft synced", "named", "directory synced", "rows wrapped"]);
    assert.ok(await vault.getActive(METER, "E_METER_MASTER_KEY", { purpose: "test" }));
  });

  it("is so as well when it is made", async () => {
    const { clock, store } = parts;
    const secrets = { ...store.secrets, kekIds: async () => [] };
    const keyFile = join(dirname(parts.keyFile), "another.key");
    await openKeyVault({ secrets, keyFile, clock, random: systemRandom });
    assert.deepEqual(events, ["draft synced", "named", "directory synced"]);
  });
});
