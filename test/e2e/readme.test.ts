import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "./harness.ts";

const ROOT = new URL("../../", import.meta.url);
/** Commands that run until they are stopped, with what keeps them off ports that others use. */
const LASTING = { "node dist/main.js simulate": " --port 0", "METERGATE_PLAIN_HTTP=true node dist/main.js serve": "" };

describe("the README", () => {
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

  const start = (command: string) => {
    const env = {
      PATH: process.env.PATH,
      METERGATE_PORT: "0",
      METERGATE_ALARM_PORT: "0",
      METERGATE_LOG_LEVEL: "silent",
    };
    // The shell makes room for the command, so that a signal reaches it.
    const shell = command.includes("|") || command.includes(">") ? command : `exec env ${command}`;
    return spawn("sh", ["-c", shell], { cwd: directory.path, env, stdio: ["ignore", "pipe", "inherit"] });
  };

  it('has commands under "Run it" that work one after the other in a folder without data', async () => {
    for (const name of ["dist", "samples"]) symlinkSync(fileURLToPath(new URL(name, ROOT)), join(directory.path, name));
    const chapter = readFileSync(new URL("README.md", ROOT), "utf8").split("## Run it")[1]!.split("\n## ")[0]!;
    const commands = [...chapter.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) => block!.trim().split("\n"));
    assert.ok(commands.length >= 6);
    let baseUrl = "";
    const outputs = new Map<string, string>();
    for (const command of commands) {
      const more = Object.entries(LASTING).find(([name]) => command.startsWith(name))?.[1];
      const url = command.includes(" send ") ? ` --url ${baseUrl}` : "";
      const child = start(`${command}${more ?? ""}${url}`);
      let [text, isReady] = ["", false];
      for await (const line of createInterface({ input: child.stdout! })) {
        text += `${line}\n`;
        if (line.startsWith("http")) baseUrl = line;
        isReady = line === "ready";
        if (isReady) break;
      }
      outputs.set(command, text);
      if (isReady) {
        lasting.push(child);
        child.stdout!.resume();
      } else if (child.exitCode === null) await once(child, "exit");
      assert.equal(isReady, more !== undefined, `${command}: ${text}`);
      if (!isReady) assert.equal(child.exitCode, 0, `${command}: ${text}`);
    }
    assert.match(outputs.get("node dist/main.js send request.xml --wait") ?? "", /<sm-configuration:Result>OK</);
  });
});
