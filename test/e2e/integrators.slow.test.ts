import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url);
/** Commands that run until they are stopped, with what keeps them off ports that others use. */
const LASTING = ["node dist/main.js simulate", "METERGATE_TLS_CERTIFICATE_FILE="];
const PAGES_URL = "https://127.0.0.1:8080";

/** Commands of other people's that the page uses, and how to see that they are there. */
const FOREIGN: Readonly<Record<string, readonly string[]>> = {
  curl: ["curl", "--version"],
  python3: ["/usr/bin/python3", "-c", "import zeep, xmlsec"],
};
const isThere = (program: string) => {
  const [command = "", ...args] = FOREIGN[program]!;
  return spawnSync(command, args).status === 0;
};
const MISSING = Object.keys(FOREIGN).filter((program) => !isThere(program));

describe("the integrators' page", () => {
  const directory = temporaryDirectory();
  const lasting: ChildProcess[] = [];
  after(async () => {
    for (const child of lasting) {
      const gone = once(child, "exit");
      child.kill("SIGTERM");
      await gone;
    }
    directory.remove();
  });

  it(`leads from nothing to a signed request${MISSING.length > 0 ? `, without ${MISSING.join(" and ")}` : ""}`, async () => {
    for (const name of ["dist", "samples", "node_modules"]) {
      symlinkSync(fileURLToPath(new URL(name, ROOT)), join(directory.path, name));
    }
    const page = readFileSync(new URL("docs/integrators.md", ROOT), "utf8");
    const chapter = page.split("## From nothing to a signed request")[1]!.split("\n## ")[0]!;
    let baseUrl = "";
    const outputs = new Map<string, string>();
    for (const found of chapter.matchAll(/```(\w+)\n([\s\S]*?)```/g)) {
      const [, language, block] = found;
      if (language !== "sh") {
        // Its name is the last one before it.
        const [, file] = [...chapter.slice(0, found.index).matchAll(/`([a-z]+\.(?:mjs|py))`/g)].at(-1)!;
        writeFileSync(join(directory.path, file!), block!.replaceAll(PAGES_URL, baseUrl));
        continue;
      }
      for (const command of block!.trim().split("\n")) {
        if (MISSING.some((program) => command.startsWith(program))) continue;
        const text = await run(command.replaceAll(PAGES_URL, baseUrl));
        if (text.startsWith("https://")) baseUrl = text.split("\n")[0]!;
        outputs.set(command.split(" ").slice(0, 3).join(" "), text);
      }
    }
    assert.match(outputs.get("node dist/main.js send") ?? "", /<sm-configuration:Result>OK</);
    for (const program of ["node client.mjs", ...(MISSING.includes("python3") ? [] : ["python3 signed.py"])]) {
      assert.match(outputs.get(program) ?? "", /^test-org\|\|\|SIMDM000000000001\|\|\|\d{17}\|\|\|\S+$/m, program);
    }
  });

  /** What a command of the page prints, until it ends or is ready. */
  async function run(command: string): Promise<string> {
    const isLasting = LASTING.some((beginning) => command.startsWith(beginning));
    const port = command.includes(" simulate ") ? " --port 0" : "";
    const env = {
      ...{ PATH: `/usr/bin:${process.env.PATH}`, HOME: directory.path, METERGATE_PORT: "0" },
      ...{ METERGATE_ALARM_PORT: "0", METERGATE_LOG_LEVEL: "error" },
    };
    // The page's command line is that of a user; the shell makes room for it, so that a signal reaches it.
    const node = command.replace(/(^| )node /, `$1${process.execPath} `);
    const line = /[|>]/.test(node) ? node : `exec env ${node}`;
    const child = spawn("sh", ["-c", line + port], { cwd: directory.path, env, stdio: ["ignore", "pipe", "inherit"] });
    const exited = once(child, "exit");
    let text = "";
    for await (const each of createInterface({ input: child.stdout! })) {
      text += `${each}\n`;
      if (isLasting && each === "ready") {
        lasting.push(child);
        child.stdout!.resume();
        return text;
      }
    }
    const [code] = await exited;
    assert.equal(code, 0, `${command}: ${text}`);
    return text;
  }
});
