import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { MAIN } from "../command.ts";

/** A node of the service as a process of its own, that can be killed, paused and started again. */
export class NodeProcess {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #args: readonly string[];
  #process: ChildProcess | undefined;
  baseUrl = "";
  /** Known when it is ready and has one: its log is read for it. */
  adminPort: number | undefined;

  constructor(settings: Readonly<Record<string, string>>, ...args: string[]) {
    const own = {
      ...{ METERGATE_PORT: "0", METERGATE_PLAIN_HTTP: "true" },
      ...{ METERGATE_ALARMS_ENABLED: "false", METERGATE_LOG_LEVEL: "silent" },
    };
    this.#environment = { ...process.env, ...own, ...settings };
    this.#args = args;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Runs another command with the same settings. */
  async command(...args: string[]): Promise<void> {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: this.#environment,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const [code] = await once(child, "exit");
    assert.equal(code, 0, args.join(" "));
  }

  async start(): Promise<void> {
    const child = spawn(process.execPath, [MAIN, "serve", ...this.#args], {
      env: this.#environment,
      stdio: ["ignore", "pipe", "METERGATE_ADMIN_PORT" in this.#environment ? "pipe" : "inherit"],
    });
    this.#process = child;
    if (child.stderr) {
      createInterface({ input: child.stderr }).on("line", (line) => {
        this.adminPort ??= JSON.parse(line).adminPort;
      });
    }
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line.startsWith("http")) this.baseUrl = line;
      if (line === "ready") return;
    }
    assert.fail("the service ended before it was ready");
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Ends it with a signal, and resolves with its exit code when it is gone. */
  async end(signal: NodeJS.Signals = "SIGKILL"): Promise<number | null> {
    const child = this.#process;
    if (!child) return null;
    this.#process = undefined;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const gone = once(child, "exit");
    child.kill(signal);
    const [code] = await gone;
    return code as number | null;
  }
}
