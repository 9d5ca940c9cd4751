import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "../../src/cli/program.ts";
import { entryOf } from "../../src/domain/log-leaf.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { parseVerifierKey } from "../../src/message-log/note.ts";
import { isProved, parseProof } from "../../src/message-log/proof.ts";
import { openStore } from "../../src/store/open-store.ts";
import { publishDays } from "../message-log/publish-days.ts";

const PYTHON_VERIFIER = fileURLToPath(new URL("../../docs/verify_bundle.py", import.meta.url));

describe("commands about the message log", () => {
  let dir: string;
  let data: string;

  before(async () => {
    dir = mkdtempSync(join(tmpdir(), "metergate-log-"));
    data = join(dir, "data");
    const days = Array.from({ length: 10 }, (_, i) => [
      { direction: "in" as const, device: `E${i % 2}`, correlationUid: `uid-${i}`, body: `<m>${i}</m>` },
    ]);
    await publishDays(data, "log.example/cli", days);
  });

  after(() => rmSync(dir, { recursive: true }));

  async function metergate(...args: string[]): Promise<{ code: number; text: string }> {
    let text = "";
    const out = (more: string) => {
      text += more;
    };
    return { code: await run(["log", ...args], { env: { METERGATE_DATA_DIR: data }, out, err: out }), text };
  }

  const python = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync("python3", [PYTHON_VERIFIER, ...args], { encoding: "utf8" });
    return { code: status, text: stdout + stderr };
  };

  async function keyOf(): Promise<string> {
    const { text } = await metergate("checkpoint");
    return /^key (\S+) \(added\)$/m.exec(text)![1]!;
  }

  it("print checkpoint and key, export a range, and verify it with both verifiers", async () => {
    const { text } = await metergate("checkpoint");
    assert.match(text, /^log\.example\/cli\n11\n.*\n\n\u2014 log\.example\/cli .*\n/);
    assert.match(
      text,
      /11 entries in sequence, 11 in the tree, 11 covered by a checkpoint\nverified by the service: never\n/,
    );
    const key = await keyOf();
    const bundle = join(dir, "bundle");
    const range = ["--from", "2026-05-03T00:00:00Z", "--to", "2026-05-06T00:00:00Z"];
    assert.deepEqual(await metergate("export", ...range, "--organisation", "Utility", "--output", bundle), {
      code: 0,
      text: `4 entries of 11 that the latest checkpoint covers, in ${bundle}\n`,
    });
    const verified = await metergate("verify", bundle, "--key", key, "--checkpoint", join(data, "log", "checkpoint"));
    assert.equal(verified.code, 0, verified.text);
    assert.match(verified.text, /^signed by log\.example\/cli\+/m);
    assert.match(verified.text, /\n4 entries verified, 0 defects: accepted\n$/);
    const second = python(bundle, "--key", key, "--checkpoint", join(data, "log", "checkpoint"));
    assert.deepEqual(second, { code: 0, text: "log log.example/cli: 4 entries verified, 0 defects: accepted\n" });
    assert.match((await metergate("verify", bundle)).text, /the key came from the bundle/);
    appendFileSync(join(bundle, "entries"), "x");
    for (const { code, text } of [await metergate("verify", bundle, "--key", key), python(bundle, "--key", key)]) {
      assert.equal(code, 1);
      assert.match(text, /entries, octet \d+: .*\n[\s\S]*REFUSED\n$/);
    }
  });

  it("prove an entry to whoever has the entry and the key alone", async () => {
    const proof = parseProof((await metergate("prove", "3")).text);
    const key = parseVerifierKey(await keyOf());
    const store = await openStore({ dataDirectory: data, readOnly: true, clock: new ManualClock(0) });
    const [third, fourth] = (await store.messageLog.leaves(3, 2)).map(entryOf);
    await store.close();
    assert.ok(isProved(third!, proof, key));
    assert.ok(!isProved(fourth!, proof, key));
    assert.deepEqual(await metergate("prove", "11"), {
      code: 2,
      text: "metergate: no checkpoint covers entry 11 yet\n",
    });
  });

  it("find entries and show them", async () => {
    const { text } = await metergate("find", "--device", "E1", "--from", "2", "--to", "6");
    assert.deepEqual(
      text.split("\n").map((line) => line.slice(0, 28)),
      ["3  2026-05-04T00:00:00.000Z ", "5  2026-05-06T00:00:00.000Z ", ""],
    );
    assert.match((await metergate("find", "--class", "log")).text, /^10 .* key added .*\n$/);
    assert.equal((await metergate("find", "--class", "x")).code, 2);
    assert.match((await metergate("show", "uid-4")).text, /^4 .*uid-4 .*\n<m>4<\/m>\n/);
    assert.match((await metergate("show", "4")).text, /<m>4<\/m>/);
    assert.deepEqual(await metergate("show", "none"), { code: 1, text: "there is no entry none\n" });
  });

  it("say what is wrong with what they are given", async () => {
    const file = join(dir, "file");
    writeFileSync(file, "x");
    for (const [args, text] of [
      [["verify", join(dir, "nowhere")], /there is no directory/],
      [["verify", dir, "--key", "x"], /no verifier key/],
      [["verify", dir, "--checkpoint", join(dir, "none")], /ENOENT/],
      [["export", "--from", "yesterday", "--output", dir], /a time, e\.g\./],
      [["export", "--output", dir], /is not empty/],
    ] as const) {
      const result = await metergate(...args);
      assert.notEqual(result.code, 0);
      assert.match(result.text, text);
    }
    assert.match((await metergate("verify", dir)).text, /there is no file manifest\n[\s\S]*REFUSED/);
  });
});
