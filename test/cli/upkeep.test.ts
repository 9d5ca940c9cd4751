import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { run } from "../../src/cli/program.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { MAIN } from "../command.ts";
import { meterEntry, ORGANISATIONS } from "../devices/parts.ts";
import { OtherConnection } from "../store/temporary-store.ts";

describe("commands for the upkeep", () => {
  let dir: string;
  let data: string;
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), "metergate-upkeep-"));
    data = join(dir, "data");
    const file = join(dir, "devices.json");
    const devices = [meterEntry({ keys: { E_METER_MASTER_KEY: "9F3C55E01B7A4D2286C4AB10DE77F0A3" } })];
    writeFileSync(file, JSON.stringify({ organisations: ORGANISATIONS, devices }));
    assert.equal((await metergate(data, "devices", "import", file)).code, 0);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  async function metergate(dataDir: string, ...args: string[]): Promise<{ code: number; text: string }> {
    let text = "";
    const out = (more: string) => {
      text += more;
    };
    return { code: await run(args, { env: { METERGATE_DATA_DIR: dataDir }, out, err: out }), text };
  }

  it("back up a data directory that is in use, keys included, into one that works", async () => {
    const copy = join(dir, "copy");
    const inUse = await openStore({ dataDirectory: data, clock: systemClock });
    try {
      const { code, text } = await metergate(data, "backup", copy);
      assert.equal(code, 0, text);
      assert.match(text, /metergate\.db\n.*vault\.key\n/);
    } finally {
      await inUse.close();
    }
    assert.equal((await metergate(copy, "devices", "list")).text, (await metergate(data, "devices", "list")).text);
    assert.equal((await metergate(copy, "vault", "rotate")).text.split(",")[0], "1 data keys wrapped with the new key");
  });

  it("back up nothing over what is there, and nothing from where nothing is", async () => {
    const taken = join(dir, "taken");
    mkdirSync(taken);
    writeFileSync(join(taken, "x"), "");
    assert.deepEqual(await metergate(data, "backup", taken), { code: 2, text: `metergate: ${taken} is not empty\n` });
    const nowhere = join(dir, "nowhere");
    const { code, text } = await metergate(nowhere, "backup", join(dir, "copy"));
    assert.deepEqual([code, text], [2, `metergate: no database in ${nowhere}; METERGATE_DATA_DIR says where\n`]);
    assert.ok(!existsSync(nowhere));
  });

  it("name missing entries of the message log as ranges", async () => {
    const sql = new OtherConnection(data);
    sql.run("update message_log_head set next_index = 700");
    sql.close();
    assert.deepEqual(await metergate(data, "log", "verify"), {
      code: 1,
      text: "entries 0 to 699: MISSING\n0 entries, 700 defects\n",
    });
  });

  it("leave no folder with the demo's keys behind when the reader has seen enough", async () => {
    const temporary = join(dir, "tmp");
    mkdirSync(temporary);
    const env = { PATH: "", TMPDIR: temporary, METERGATE_PORT: "0" };
    const demo: ChildProcess = spawn(process.execPath, [MAIN, "demo"], { env, stdio: ["ignore", "pipe", "ignore"] });
    const gone = once(demo, "exit");
    await once(demo.stdout!, "data");
    assert.equal(readdirSync(temporary).length, 1);
    demo.stdout!.destroy();
    await gone;
    assert.deepEqual(readdirSync(temporary), []);
  });
});
