import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const ROOT = new URL("../../", import.meta.url);
/** Where the service listens on pages; in a test it takes a port that is free. */
const PAGES_URL = /https?:\/\/127\.0\.0\.1:8080/g;
/** Commands that run until they are stopped. */
const LASTING = /^(\w+=\S+ )*(metergate|node dist\/main\.js) (serve|simulate)\b/;

/** What a page has to be typed or written into a file. */
export type Item = { readonly command: string } | { readonly file: string; readonly content: string };

/**
 * What a page, or a part of it, tells its reader to do, in its order: each line of a block of `sh`, and each other block
 * whose file is named in the sentence before it.
 */
export function itemsOf(text: string): Item[] {
  return [...text.matchAll(/```(\w+)\n([\s\S]*?)```/g)].flatMap((found): Item[] => {
    const [, language, content = ""] = found;
    if (language === "sh")
      return content
        .trim()
        .split("\n")
        .map((command) => ({ command }));
    const before = text.slice(0, found.index).trimEnd().split("\n\n").at(-1);
    const file = /`([a-z]+\.[a-z]+)`[^`]*$/.exec(before ?? "")?.[1];
    return file === undefined ? [] : [{ file, content }];
  });
}

/** A page of the manual, or one chapter of it. */
export function pageText(name: string, chapter?: string): string {
  const text = readFileSync(new URL(name, ROOT), "utf8");
  return chapter === undefined ? text : text.split(`## ${chapter}\n`)[1]!.split("\n## ")[0]!;
}

/** A shell in the package's directory, as far as a user has one, in which the commands of a page are typed as they stand. */
export class Terminal {
  readonly #directory = mkdtempSync(join(tmpdir(), "metergate-page-"));
  readonly #environment: NodeJS.ProcessEnv;
  readonly #aliases = new Map<string, string>();
  readonly #lasting: { readonly command: string; readonly child: ChildProcess }[] = [];
  /** Lines that commands wrote on their standard error. */
  readonly complaints: string[] = [];
  #onComplaint = () => {};
  /** Where the service that was started last listens. */
  baseUrl = "";

  constructor(logLevel = "error") {
    for (const name of ["dist", "samples", "node_modules"]) {
      symlinkSync(fileURLToPath(new URL(name, ROOT)), join(this.#directory, name));
    }
    this.#environment = {
      ...{ PATH: `${dirname(process.execPath)}:/usr/bin:${process.env.PATH}`, HOME: this.#directory },
      ...{ METERGATE_PORT: "0", METERGATE_ALARM_PORT: "0", METERGATE_LOG_LEVEL: logLevel },
    };
  }

  /** Ends what still runs, and throws everything away. */
  async close(): Promise<void> {
    for (const { command } of [...this.#lasting]) await this.#stop(command);
    rmSync(this.#directory, { recursive: true });
  }

  /** @returns what a command printed, until it ended or was ready; fails when it failed */
  async do(item: Item): Promise<string> {
    if ("command" in item) return this.type(item.command);
    writeFileSync(join(this.#directory, item.file), this.#addressed(item.content));
    return "";
  }

  /** Types one line. */
  async type(line: string): Promise<string> {
    const [, name, value = ""] = /^(?:alias|export) (\w+)=(.*)$/.exec(line) ?? [];
    const text = value.replace(/^"(.*)"$/, "$1").replace("$PWD", this.#directory);
    if (line.startsWith("alias ")) this.#aliases.set(name!, text);
    else if (line.startsWith("export ")) this.#environment[name!] = text;
    else if (line === "# stop the service") await this.#stop("serve");
    else return this.#run(line);
    return "";
  }

  /** Resolves when something that still runs made a complaint like that, after the first `from`. */
  async complaint(pattern: RegExp, from = 0): Promise<void> {
    while (!this.complaints.slice(from).some((line) => pattern.test(line))) {
      await new Promise<void>((resolve) => {
        this.#onComplaint = resolve;
      });
    }
  }

  async #run(typed: string): Promise<string> {
    const isLasting = LASTING.test(typed);
    const shown = this.#addressed(typed).replace(/^\w+/, (word) => this.#aliases.get(word) ?? word);
    const line = shown.includes(" simulate ") ? `${shown} --port 0` : shown;
    // The shell makes room for the command, so that a signal reaches it.
    const child = spawn("sh", ["-c", /[|>*]/.test(line) ? line : `exec env ${line}`], {
      ...{ cwd: this.#directory, env: this.#environment, stdio: ["ignore", "pipe", "pipe"] },
    });
    const closed = once(child, "close");
    let errors = "";
    createInterface({ input: child.stderr! }).on("line", (each) => {
      errors += `${each}\n`;
      this.complaints.push(each);
      this.#onComplaint();
    });
    let text = "";
    for await (const each of createInterface({ input: child.stdout! })) {
      text += `${each}\n`;
      if (!isLasting || each !== "ready") continue;
      this.#lasting.push({ command: typed, child });
      child.stdout!.resume();
      if (text.startsWith("http")) this.baseUrl = text.split("\n")[0]!;
      return text;
    }
    const [code] = await closed;
    assert.equal(code, 0, `${typed}: ${text}${errors}`);
    return text;
  }

  async #stop(command: string): Promise<void> {
    const at = this.#lasting.findLastIndex((each) => each.command.includes(command));
    const [stopped] = this.#lasting.splice(at, 1);
    const gone = once(stopped!.child, "close");
    stopped!.child.kill("SIGTERM");
    await gone;
  }

  #addressed(text: string): string {
    const named = text.includes(" send ") && !text.includes("--url") ? `${text} --url ${this.baseUrl}` : text;
    return named.replaceAll(PAGES_URL, this.baseUrl);
  }
}
