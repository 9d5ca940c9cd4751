import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

describe("a run of the tests", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "metergate-runs-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /** Runs files of tests as `npm test` does. */
  function mocha(...texts: string[]): Promise<{ code: unknown; last: string | undefined }> {
    const files = texts.map((text, i) => {
      const file = join(directory, `${i}.test.ts`);
      writeFileSync(file, text);
      return file;
    });
    const args = ["node_modules/mocha/bin/mocha.js", ...(files.length > 1 ? ["--parallel"] : []), ...files];
    const env = { ...process.env, TEST_RUN_FOLDER: join(directory, "run") };
    mkdirSync(env.TEST_RUN_FOLDER);
    return new Promise((resolve) =>
      execFile(process.execPath, args, { cwd: ROOT, env }, (error, out) =>
        resolve({ code: error ? error.code : 0, last: out.trimEnd().split("\n").at(-1) }),
      ),
    );
  }

  const failing =
    'describe("a", () => { it("fails", () => { throw new TypeError("no"); }); it("passes", () => {}); });';

  it("ends with a status and a last line that tell failures, in parallel too", async () => {
    assert.deepEqual(await mocha(failing, 'describe("b", () => it("passes", () => {}));'), {
      code: 1,
      last: "2 passed, 1 failed",
    });
  });

  it("has failed when a test ends the process", async () => {
    const leaving = 'describe("a", () => { it("passes", () => {}); it("leaves", () => process.exit(0)); });';
    assert.deepEqual(await mocha(leaving), { code: 1, last: "1 passed, 1 failed" });
  });
});
