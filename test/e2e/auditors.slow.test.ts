import assert from "node:assert/strict";
import { execFile, execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { MAIN } from "../command.ts";
import { publishDays } from "../message-log/publish-days.ts";
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
    const days = Array.from({ length: 9 }, (_, i) =>
      (["in", "out"] as const).map((direction) => ({
        ...{ direction, device: "E1", correlationUid: i === 2 ? UID : `uid-${i + 1}` },
        body: `<m>${i + 1}</m>`,
      })),
    );
    await publishDays(data, "log.example/auditors", days);
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
