import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
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

/** Linux counts processor time in hundredths of a second. */
const TICK_US = 10_000;

/** Processor time of a process and all of its threads so far, in microseconds, where the system tells. */
export function processorUs(pid: number | undefined): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The fields behind the name in brackets; user and system time are the 14th and 15th of all.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK_US;
  } catch {
    return undefined;
  }
}

/** Does something and tells what processor time it took of a process, in microseconds; NaN where the system does not. */
export async function withProcessorUs<T>(pid: number | undefined, work: () => Promise<T>): Promise<[T, number]> {
  const before = processorUs(pid) ?? Number.NaN;
  const result = await work();
  return [result, (processorUs(pid) ?? Number.NaN) - before];
}

/** Time of a process's first thread so far, in milliseconds: what it ran, and what it waited for a core to be free. */
export function threadMs(pid: number | undefined): { readonly ran: number; readonly waited: number } | undefined {
  try {
    const [ran = 0, waited = 0] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, "utf8").split(" ").map(Number);
    return { ran: ran / 1e6, waited: waited / 1e6 };
  } catch {
    return undefined;
  }
}
