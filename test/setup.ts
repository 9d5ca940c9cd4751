import { accessSync, constants, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * One folder for everything that a run leaves in temporary folders: `os.tmpdir()` of the tests and of what they start.
 * It lies in memory where it can: no test here proves anything by a disk, and most would wait for one.
 */
const MEMORY = "/dev/shm";
const ROOM_BYTES = 1024 ** 3;
/** Set by the first process of a run, found by the others. */
const VARIABLE = "TEST_RUN_FOLDER";

function memoryHasRoom(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM_BYTES;
  } catch {
    return false;
  }
}

process.env[VARIABLE] ??= mkdtempSync(join(memoryHasRoom() ? MEMORY : tmpdir(), "metergate-test-run-"));
process.env.TMPDIR = process.env[VARIABLE];

export function mochaGlobalTeardown(): void {
  rmSync(process.env[VARIABLE]!, { recursive: true, force: true });
}
