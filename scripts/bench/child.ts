import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A server in a process of its own. */
export interface Server {
  /** What the pattern's first group matched. */
  readonly matched: string;
  readonly process: ChildProcess;
  /** From spawn to the line that matched. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

/** Starts a Node process and waits until it prints a line that matches `ready`. */
export function startServer(args: readonly string[], ready: RegExp, env: NodeJS.ProcessEnv = {}): Promise<Server> {
  const startMs = performance.now();
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  const stop = () =>
    new Promise<void>((resolve) => {
      child.once("exit", () => resolve());
      child.kill("SIGTERM");
    });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => reject(new RangeError(`${args.join(" ")} ended with ${code} before it was ready`)));
    let matched = "";
    createInterface({ input: child.stdout }).on("line", (line) => {
      matched = ready.exec(line)?.[1] ?? matched;
      if (matched !== "" && (line === "ready" || !ready.source.includes("http")))
        resolve({ matched, process: child, readyMs: performance.now() - startMs, stop });
    });
  });
}
