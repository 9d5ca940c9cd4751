import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { LogKeys } from "../../src/devices/log-keys.ts";
import { ManualClock } from "../../src/lib/clock.ts";
import { systemRandom } from "../../src/lib/random.ts";
import { MessageLog } from "../../src/message-log/message-log.ts";
import { Publisher } from "../../src/message-log/publisher.ts";
import { growLog } from "../../src/message-log/sequencer.ts";
import { openStore } from "../../src/store/open-store.ts";
import { MAIN } from "../command.ts";
import { temporaryDirectory } from "./harness.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const UID = "Utility|||E1|||20260503000000000|||uuid";

/** The commands of the page, those of one block together. */
function blocks(): string[] {
  const page = readFileSync(join(ROOT, "docs/auditors.md"), "utf8");
  return [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1]!.replace(/^ {3}/gm, ""));
}

describe("the page for auditors", () => {
  it("has commands that do what it says, in its order", async function () {
    if (spawnSync("python3", ["--version"]).status !== 0) this.skip();
    const directory = temporaryDirectory();
    const data = join(directory.path, "data");
    const clock = new ManualClock(Date.UTC(2026, 4, 1));
    const store = await openStore({ dataDirectory: data, clock });
    const log = new MessageLog(store.messageLog, clock);
    const caller = { organisation: "Utility", userName: "clerk", applicationName: "ERP" };
    for (let day = 1; day < 10; day++) {
      const about = { caller, device: "E1", correlationUid: day === 3 ? UID : `uid-${day}` };
      for (const direction of ["in", "out"] as const) {
        await log.append({ direction, service: "adhoc", operation: "O", ...about, body: Buffer.from(`<m>${day}</m>`) });
      }
      clock.advance(86_400_000);
    }
    await growLog(store.messageLog);
    const keys = LogKeys.open(join(data, "log.key"), systemRandom, "log.example/auditors");
    const parts = {
      log: store.messageLog,
      directory: join(data, "log"),
      signers: () => keys.signers(),
      attestors: [],
      clock,
    };
    await new Publisher({ ...parts, random: systemRandom, onRefused: () => {} }).publish();
    await store.close();
    mkdirSync(join(directory.path, "docs"));
    cpSync(join(ROOT, "docs/verify_bundle.py"), join(directory.path, "docs/verify_bundle.py"));
    const files = ["-keyout", "operator.key", "-out", "operator.pem", "-subj", "/CN=Operator", "-days", "2", "-nodes"];
    execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", ...files], { cwd: directory.path, stdio: "pipe" });
    const hasXmlsec = spawnSync("xmlsec1", ["--version"]).status === 0;
    const commands = blocks().map((text) => (hasXmlsec ? text : text.replace(/^xmlsec1.*$/m, "true")));
    assert.ok(commands.length >= 6);
    const script = `set -eu\nmetergate() { "${process.execPath}" "${MAIN}" "$@"; }\n${commands.join("\n")}`;
    const env = { ...process.env, METERGATE_DATA_DIR: data, CORRELATION_UID: UID };
    const output = await new Promise<string>((resolve, reject) => {
      execFile("bash", ["-c", script], { cwd: directory.path, env }, (error, stdout, stderr) =>
        error ? reject(new RangeError(`${error.message}\n${stdout}${stderr}`)) : resolve(stdout),
      );
    });
    directory.remove();
    assert.equal(output.match(/0 defects: accepted\n/g)?.length, 3, output);
    assert.match(output, /^9 entries of 19 that the latest checkpoint covers, in bundle$/m);
    assert.match(output, /\n5\n$/);
  });
});
