import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { readSample } from "../../src/cli/demo-fleet.ts";
import { run } from "../../src/cli/program.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { openStore } from "../../src/store/open-store.ts";
import { MAIN } from "../command.ts";
import { METER, meterEntry, ORGANISATIONS } from "../devices/parts.ts";
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

  it("leave entries in the message log: who changed what, and no secret", async () => {
    const key = join(dir, "erp.pem");
    writeFileSync(key, readSample("demo-keys/erp-public-key.pem"));
    const image = join(dir, "image.bin");
    writeFileSync(image, "an image");
    for (const command of [
      ["devices", "counter", METER, "--raise", "7"],
      ["devices", "counter", METER],
      ["application-keys", "add", "test-org", "ERP", key],
      ["firmware", "add", "IMAGE-1", image, "--model", "M1", "--identifier", image],
      ["vault", "rotate"],
    ]) {
      const { code, text } = await metergate(data, ...command);
      assert.equal(code, 0, text);
    }
    const store = await openStore({ dataDirectory: data, clock: systemClock });
    try {
      const entries = await store.messageLog.read(0, 100);
      const told = entries.map(({ leaf, stored }) => ({ leaf, details: JSON.parse(Buffer.from(stored!).toString()) }));
      for (const { leaf } of told) {
        assert.deepEqual([leaf.service, leaf.direction, leaf.user], ["operator", "in", userInfo().username]);
      }
      assert.deepEqual(
        told.map(({ leaf }) => [leaf.operation, leaf.device]),
        [
          ["devices import", ""],
          ["devices import", METER],
          ["devices counter", METER],
          ["application-keys add", ""],
          ["firmware add", ""],
          ["vault rotate", ""],
          ["vault rotate", ""],
        ],
      );
      const [organisations, imported, counter, application, firmware, , rewrapped] = told.map(({ details }) => details);
      assert.deepEqual(organisations, { organisations: ORGANISATIONS.map(({ identification }) => identification) });
      assert.deepEqual(imported.authorisations, [{ organisation: "test-org", functionGroup: "OWNER" }]);
      assert.deepEqual([imported.keys, imported.replaceKeys], [["E_METER_MASTER_KEY"], false]);
      assert.deepEqual(counter, { raise: 7 });
      assert.deepEqual([application.organisation, application.application], ["test-org", "ERP"]);
      assert.deepEqual([firmware.identification, firmware.bytes, firmware.models], ["IMAGE-1", 8, ["M1"]]);
      assert.equal(rewrapped.rewrapped, 1);
      const text = entries.map(({ stored }) => Buffer.from(stored!).toString()).join("");
      assert.doesNotMatch(text, /9F3C55E01B7A4D2286C4AB10DE77F0A3/i);
    } finally {
      await store.close();
    }
    assert.deepEqual(await metergate(data, "log", "verify"), { code: 0, text: "7 entries, 0 defects\n" });
  });

  it("name missing entries of the message log as ranges", async () => {
    const sql = new OtherConnection(data);
    sql.run("update message_log_head set next_index = 700");
    sql.close();
    assert.deepEqual(await metergate(data, "log", "verify"), {
      code: 1,
      text: "entries 2 to 699: MISSING\n2 entries, 698 defects\n",
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
