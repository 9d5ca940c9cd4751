import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LogKeys } from "../../src/devices/log-keys.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { writeBundle } from "../../src/message-log/bundle-writer.ts";
import { parseCheckpoint } from "../../src/message-log/checkpoint.ts";
import { Publisher } from "../../src/message-log/publisher.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { verifyMessageLog } from "../../src/message-log/verify.ts";
import { openStore } from "../../src/store/open-store.ts";
import { told, verify } from "./bundle-world.ts";

const CHILD = fileURLToPath(new URL("killed.ts", import.meta.url));
const LOADER = fileURLToPath(new URL("../../scripts/typescript.mjs", import.meta.url));

/** Where the process dies: a call of the store, and when. Tiles are read while files are written. */
const DEATHS = [
  ["append", "during", 1],
  ["append", "after", 2],
  ["integrate", "during", 1],
  ["integrate", "after", 1],
  ["integrate", "before", 2],
  ["putCheckpoint", "before", 1],
  ["putCheckpoint", "during", 1],
  ["putCheckpoint", "after", 2],
  ["tiles", "after", 3],
  ["tiles", "after", 6],
  ["tiles", "during", 9],
  ["checkpointUpTo", "after", 2],
  ["find", "after", 2],
  ["erase", "before", 1],
  ["erase", "during", 1],
  ["erase", "after", 1],
] as const;

describe("a process that is killed while it works on the log", () => {
  let directory: string;
  let acknowledged = 0;

  before(() => {
    directory = mkdtempSync(join(tmpdir(), "metergate-killed-"));
  });

  after(() => rmSync(directory, { recursive: true }));

  async function killed(...death: readonly (string | number)[]): Promise<void> {
    const child = spawn(process.execPath, ["--import", LOADER, CHILD, directory, ...death.map(String)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let text = "";
    child.stdout.on("data", (chunk) => {
      text += chunk;
    });
    const signal = await new Promise((resolve) => child.once("close", (_code, by) => resolve(by)));
    assert.equal(signal, "SIGKILL");
    acknowledged += 300 * (text.match(/acknowledged/g)?.length ?? 0);
  }

  for (const death of DEATHS) {
    it(`leaves a log that verifies, lacks nothing and goes on: ${death.join(" ")}`, async () => {
      await killed(...death);
      const store = await openStore({ dataDirectory: directory, clock: systemClock });
      const keys = LogKeys.existing(join(directory, "log.key"));
      try {
        assert.deepEqual((await verifyMessageLog(store.messageLog)).findings, []);
        const entries = await store.messageLog.size();
        assert.ok(entries >= acknowledged, `${entries} of ${acknowledged}`);
        await growLog(store.messageLog);
        const parts = {
          log: store.messageLog,
          directory: join(directory, "log"),
          signers: () => keys.signers(),
          attestors: [],
        };
        await new Publisher({ ...parts, clock: systemClock, random: systemRandom, onRefused: () => {} }).publish();
        const published = parseCheckpoint(readFileSync(join(directory, "log", "checkpoint"), "utf8"));
        assert.ok(published.size >= entries);
        const bundle = join(directory, `bundle-${death.join("-")}`);
        await writeBundle(store.messageLog, bundle, {});
        const verdict = verify(bundle, { keys: [keys.signers().at(-1)!.key], witnesses: [], checkpoints: [] });
        assert.deepEqual(told(verdict), []);
        assert.equal(verdict.entries, published.size);
      } finally {
        await store.close();
      }
    });
  }
});
